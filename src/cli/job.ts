import { readFile } from 'node:fs/promises';
import { EXIT, UpcastError } from '../errors.ts';
import { parseIdTable } from '../event/id-file.ts';
import type { IdTable } from '../event/ids.ts';
import { createIdTable } from '../event/ids.ts';
import { createZone } from '../event/zone.ts';
import { HARD_MAX_LINE } from '../parse/options.ts';
import { parsePointer } from '../parse/pointer.ts';
import type { ConvertJob, Shard } from '../pipeline/job.ts';
import { MOST_LANES } from '../pipeline/job.ts';
import { loadMapping } from '../source/mapping-folder.ts';
import type { Settings } from './config.ts';
import type { JobPaths } from './paths.ts';
import { formatSize } from './units.ts';

/** An undecided event waits so long at most when it is live; milliseconds. */
export const LIVE_HOLD = 2_000;

/** The job that the settings describe: mapping and ids are read, all values checked, nothing is opened for writing yet. */
export async function createJob(
  settings: Settings,
  paths: JobPaths,
  hooks: Partial<Pick<ConvertJob, 'onProgress' | 'onDisk' | 'signal'>> = {},
): Promise<ConvertJob> {
  const reading = readingOf(settings);
  const limit = settings.get('limit');
  if (limit === 0) throw settings.error('limit', 'limit: expected at least 1, got 0');
  const mapping = await loadMapping(settings.need('mapping'));
  const ids = await readIds(settings.get('ids'));
  const { inputs, output, deadLetters, dropped, provenance, state } = paths;
  return {
    inputs,
    output,
    deadLetters,
    dropped,
    provenance,
    state,
    mapping,
    ids,
    ...reading,
    limit,
    onProgress: hooks.onProgress,
    onDisk: hooks.onDisk,
    lateness: settings.get('lateness') ?? mapping.waits.lateness,
    hold: settings.get('hold') ?? (settings.on('as-received') ? LIVE_HOLD : mapping.waits.hold),
    idle: settings.get('idle') ?? mapping.waits.idle,
    retention: settings.get('retention') ?? mapping.waits.retention,
    maxJump: settings.need('max-jump'),
    keepEmpty: settings.get('dead-letters') !== undefined,
    force: settings.on('force'),
    strict: settings.on('strict'),
    restart: settings.on('restart'),
    merge: settings.on('merge'),
    asReceived: settings.on('as-received'),
    keepOpen: settings.on('keep-open'),
    lanes: lanesOf(settings, paths),
    shard: shardOf(settings),
    checkpointEvery: checkpointEveryOf(settings),
    signal: hooks.signal,
  };
}

/** How records are read, whatever is then done with them. */
export function readingOf(settings: Settings): Pick<ConvertJob, 'timeZone' | 'eventAt' | 'maxLine' | 'dupKeys' | 'allowTruncated' | 'rs'> {
  const eventAt = settings.get('event-at');
  return {
    timeZone: checked(settings, 'time-zone', settings.need('time-zone'), createZone),
    eventAt: eventAt === undefined ? undefined : checked(settings, 'event-at', eventAt, parsePointer),
    maxLine: maxLineOf(settings),
    dupKeys: settings.get('dup-keys') === 'last' ? 'last' : 'refuse',
    allowTruncated: settings.on('allow-truncated'),
    rs: settings.on('rs'),
  };
}

/** Reads an id table; without one, ids stay as they are. Errors: no such file (66), bad table (78). */
export async function readIds(path: string | undefined): Promise<IdTable> {
  if (path === undefined) return createIdTable([]);
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const exit = cause.code === 'ENOENT' ? EXIT.noInput : cause.code === 'EACCES' ? EXIT.permission : EXIT.config;
    throw new UpcastError({
      code: 'no-id-table',
      exit,
      message: `cannot read the id table (${cause.code ?? cause.message})`,
      place: path,
      cause,
    });
  });
  return createIdTable(parseIdTable(text, path));
}

/** What ends a run at a place that only a single thread knows, or must be read in one go. */
const ONE_LANE = ['strict', 'keep-open', 'as-received'] as const;

function lanesOf(settings: Settings, { inputs }: JobPaths): number | undefined {
  const lanes = settings.get('lanes');
  if (lanes === undefined || lanes === 1) return lanes;
  if (lanes < 1 || lanes > MOST_LANES) throw settings.error('lanes', `lanes: expected 1 to ${MOST_LANES}, got ${lanes}`);
  const why = ONE_LANE.find((name) => settings.on(name)) ?? (settings.get('limit') === undefined ? undefined : 'limit');
  if (why !== undefined) throw settings.error('lanes', `lanes: with ${why} there is one lane, got ${lanes}`);
  if (inputs.includes('-')) throw settings.error('lanes', `lanes: standard input is read in one lane, got ${lanes}`);
  return lanes;
}

function shardOf(settings: Settings): Shard | undefined {
  const text = settings.get('shard');
  if (text === undefined) return undefined;
  const [, index, count] = (/^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? []).map(Number);
  if (index === undefined || count === undefined || index < 1 || index > count) {
    throw settings.error(
      'shard',
      `shard: expected I/N with I from 1 to N, got ${JSON.stringify(text)}`,
      'for example 2/4, the second of four',
    );
  }
  if (settings.get('output') === '-' || settings.get('output') === undefined) {
    throw settings.error(
      'shard',
      'shard: the output must be a file: what belongs where stands beside it',
      'give -o FILE, one for each shard',
    );
  }
  const why = ONE_LANE.find((name) => settings.on(name)) ?? (settings.get('limit') === undefined ? undefined : 'limit');
  if (why !== undefined) throw settings.error('shard', `shard: a share cannot be converted with ${why}`);
  if ((settings.get('lanes') ?? 1) > 1) throw settings.error('shard', 'shard: a share is converted in one lane; give more shares instead');
  return { index: index - 1, count };
}

const LEAST_CHECKPOINT = 1024;

function checkpointEveryOf(settings: Settings): number {
  const size = settings.need('checkpoint-every');
  if (size >= LEAST_CHECKPOINT) return size;
  throw settings.error('checkpoint-every', `checkpoint-every: expected at least ${formatSize(LEAST_CHECKPOINT)}, got ${formatSize(size)}`);
}

/** The setting `max-line`. */
export function maxLineOf(settings: Settings): number {
  const maxLine = settings.need('max-line');
  if (maxLine >= 1 && maxLine <= HARD_MAX_LINE) return maxLine;
  throw settings.error('max-line', `max-line: expected 1B to ${formatSize(HARD_MAX_LINE)}, got ${formatSize(maxLine)}`);
}

/** The text itself, once the function that understands it has taken it. */
export function checked(settings: Settings, name: 'time-zone' | 'event-at', text: string, read: (text: string) => unknown): string {
  try {
    read(text);
    return text;
  } catch (error) {
    if (!(error instanceof UpcastError)) throw error;
    throw settings.error(name, `${name}: ${error.message}`, error.hint);
  }
}
