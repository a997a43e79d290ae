import { readFile } from 'node:fs/promises';
import type { CompareJob } from '../../compare/compare.ts';
import { noiseOf, runCompare } from '../../compare/compare.ts';
import type { Comparison } from '../../compare/comparison.ts';
import type { ExitCode } from '../../errors.ts';
import { EXIT, UpcastError } from '../../errors.ts';
import { comparisonToHtml } from '../../report/compare-html.ts';
import { comparisonToJson } from '../../report/compare-json.ts';
import type { Verdict } from '../../report/compare-text.ts';
import { renderComparison } from '../../report/compare-text.ts';
import type { Flags, Settings } from '../config.ts';
import { resolveSettings } from '../config.ts';
import { readingOf } from '../job.ts';
import type { Io } from '../output.ts';
import { refuseClash, refuseNoFile } from '../paths.ts';
import { createResultFiles, formFor, reportPathOf } from '../result-files.ts';

/** `compare OURS THEIRS`: are two streams of 2.0 events of the same calls the same? Exit 3: they differ by more than allowed. */
export async function compareCommand(ours: string, theirs: string, flags: Flags, io: Io): Promise<ExitCode> {
  const settings = resolveSettings(flags, io.env);
  if (ours === '-' && theirs === '-') {
    throw new UpcastError({ code: 'stdin-twice', exit: EXIT.usage, message: 'expected - (standard input) once, got it twice' });
  }
  const reading = readingOf(settings);
  const match = settings
    .get('match')
    ?.split(',')
    .map((name) => name.trim());
  const limits = {
    missing: limitOf(settings, 'max-missing'),
    extra: limitOf(settings, 'max-extra'),
    different: limitOf(settings, 'max-different'),
  };
  const job: CompareJob = {
    ours: [ours],
    theirs: [theirs],
    window: settings.need('window'),
    match,
    contacts: await contactsOf(settings),
    // Where contacts do not have the same id, neither have their legs.
    ignore: new Set([
      ...(settings.get('ignore') ?? []),
      ...(match === undefined ? [] : ['contactId', 'channelId', 'heldChannelId', 'retrievedChannelId']),
    ]),
    showsValues: settings.on('show-values'),
    ...reading,
  };
  const report = reportPathOf(settings);
  refuseClash([['ours', ours] as const, ['theirs', theirs] as const, ['the report', report]]);
  refuseNoFile(report);
  const files = createResultFiles<Compared>(settings);
  try {
    files.open(report, (compared) => reportOf(compared, report ?? ''));
    const noise = await baselineOf(settings, job);
    const found = await runCompare({ ...job, ignore: new Set([...job.ignore, ...noise]) });
    const verdict = verdictOf(found, limits);
    if (settings.on('json')) io.stdout.write(`${JSON.stringify(comparisonToJson(found, verdict, noise), null, 2)}\n`);
    else io.stdout.write(renderComparison(found, verdict, noise));
    await files.write({ found, verdict, noise });
    return verdict.passed ? EXIT.ok : EXIT.deadLetters;
  } catch (error) {
    await files.remove();
    throw error;
  }
}

interface Compared {
  readonly found: Comparison;
  readonly verdict: Verdict;
  readonly noise: readonly string[];
}

function reportOf({ found, verdict, noise }: Compared, path: string): string {
  return formFor(path, {
    html: () => comparisonToHtml(found, verdict, noise),
    json: () => comparisonToJson(found, verdict, noise),
    text: () => renderComparison(found, verdict, noise),
  });
}

/** Most that may differ: a share of all, or a count. */
type Limit = { readonly share: number } | { readonly count: number };

function limitOf(settings: Settings, name: 'max-missing' | 'max-extra' | 'max-different'): Limit {
  const text = settings.need(name).trim();
  const [, number, percent] = /^(\d+(?:\.\d+)?) ?(%)?$/.exec(text) ?? [];
  if (number === undefined || (percent === undefined && !Number.isInteger(Number(number)))) {
    throw settings.error(name, `${name}: expected a share or a count, got ${JSON.stringify(text)}`, 'such as 0.1% or 20');
  }
  return percent === undefined ? { count: Number(number) } : { share: Number(number) / 100 };
}

function verdictOf(found: Comparison, limits: Readonly<Record<'missing' | 'extra' | 'different', Limit>>): Verdict {
  const of = { missing: found.theirs, extra: found.ours, different: found.pairs };
  const over = (['missing', 'extra', 'different'] as const).flatMap((name) => {
    const limit = limits[name];
    const most = 'count' in limit ? limit.count : limit.share * of[name];
    const told = 'count' in limit ? String(limit.count) : `${100 * limit.share} %`;
    return found[name] > most ? [`${found[name]} ${name}, at most ${told} allowed`] : [];
  });
  return { passed: over.length === 0, over };
}

/** Two streams of the platform itself, `A,B`: what differs there is not to be held against us. */
async function baselineOf(settings: Settings, job: CompareJob): Promise<readonly string[]> {
  const text = settings.get('baseline');
  if (text === undefined) return [];
  const [first, second, ...more] = text.split(',').map((name) => name.trim());
  if (first === undefined || first === '' || second === undefined || second === '' || more.length > 0) {
    throw settings.error('baseline', `baseline: expected two streams, got ${JSON.stringify(text)}`, 'such as monday.ndjson,tuesday.ndjson');
  }
  return noiseOf({ ...job, ours: [first], theirs: [second], contacts: undefined });
}

/** A table of contacts: `ours,theirs` a line. */
async function contactsOf(settings: Settings): Promise<ReadonlyMap<string, string> | undefined> {
  const path = settings.get('contacts');
  if (path === undefined) return undefined;
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const exit = cause.code === 'EACCES' ? EXIT.permission : EXIT.noInput;
    throw new UpcastError({
      code: 'no-contacts',
      exit,
      message: `cannot read the table of contacts (${cause.code ?? cause.message})`,
      place: path,
      cause,
    });
  });
  const rows = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  return new Map(
    rows.map((line, index): [string, string] => {
      const [mine, yours, ...more] = line.split(',').map((cell) => cell.trim());
      if (mine !== undefined && mine !== '' && yours !== undefined && yours !== '' && more.length === 0) return [mine, yours];
      throw new UpcastError({
        code: 'bad-contacts',
        exit: EXIT.config,
        message: `expected ours,theirs, got ${JSON.stringify(line.slice(0, 80))}`,
        place: `${path}:${index + 1}`,
        hint: 'a contact id of our stream, a comma, and the id of the same call in theirs',
      });
    }),
  );
}
