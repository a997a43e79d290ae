import type { AllowedNet } from '../deliver/guard.ts';
import { EXIT, UpcastError } from '../errors.ts';
import { createZone } from '../event/zone.ts';
import { parsePointer } from '../parse/pointer.ts';
import type { ReplayJob, ReplayTarget, Selection } from '../replay/job.ts';
import { expandInputs } from '../source/inputs.ts';
import { loadMapping } from '../source/mapping-folder.ts';
import type { Settings } from './config.ts';
import { endpointOf } from './endpoints.ts';
import { checked, maxLineOf, readIds } from './job.ts';
import type { Io } from './output.ts';
import { pipedInput, refuseClash, refuseNoFile } from './paths.ts';
import { instantOf, rateOf, roundsOf, sampleOf, speedOf } from './replay-values.ts';
import { netsOf } from './shim-options.ts';

const MOST_BATCH = 1_000;
const EXAMPLE = 'zcat current.ndjson.gz | ccc-upcast replay --to https://new.example/events';

/** The replay that the settings describe: all values checked, nothing is opened for writing yet. Errors: usage (2), configuration (78), no such input (66). */
export async function createReplayJob(
  words: readonly string[],
  settings: Settings,
  io: Io,
  signal: AbortSignal | undefined,
): Promise<ReplayJob> {
  const timeZone = checked(settings, 'time-zone', settings.need('time-zone'), createZone);
  const eventAt = settings.get('event-at');
  if (eventAt !== undefined) checked(settings, 'event-at', eventAt, parsePointer);
  const { target, types, profile } = targetOf(settings, netsOf(settings, 'allow-net'));
  const inputs = words.length > 0 ? words : [pipedInput(io, EXAMPLE)];
  const [first] = (await expandInputs(inputs)).map(({ name }) => name);
  const from = settings.need('from') === '1.0' ? '1.0' : '2.0';
  const mapping = await loadMapping(from === '1.0' && profile !== undefined ? profile : settings.need('mapping'));
  const zone = createZone(timeZone);
  const selection: Selection = {
    since: instantOf(settings, 'since', zone),
    until: instantOf(settings, 'until', zone),
    types: settings.get('type') ?? types,
    contacts: settings.get('contact'),
    agents: settings.get('agent'),
    sample: sampleOf(settings),
    limit: settings.get('limit'),
  };
  const asked = { ...selection, since: settings.get('since'), until: settings.get('until') };
  const beside = besideOf(target, first);
  const paths = {
    provenance: provenanceOf(settings, inputs, from),
    state: settings.get('state') ?? (target.kind === 'stdout' ? undefined : beside?.('.state')),
    receipts: settings.get('receipts'),
    deadLetters: settings.get('dead-letters') ?? beside?.('.dead-letters.ndjson'),
  };
  refusePaths(inputs, target, paths, settings.get('report'));
  return {
    inputs,
    from,
    ...paths,
    selection,
    selectionText: JSON.stringify(asked),
    tempo: {
      speed: speedOf(settings),
      rate: rateOf(settings),
      maxGap: settings.get('max-gap'),
      startAt: instantOf(settings, 'start-at', zone),
    },
    rounds: roundsOf(settings),
    restamp: settings.get('restamp') !== undefined,
    target,
    giveUp: settings.need('give-up'),
    receiverWindow: settings.need('receiver-dedupe-window'),
    restart: settings.on('restart'),
    force: settings.on('force'),
    mapping,
    ids: await readIds(settings.get('ids')),
    timeZone,
    eventAt,
    maxLine: maxLineOf(settings),
    dupKeys: settings.get('dup-keys') === 'last' ? 'last' : 'refuse',
    allowTruncated: settings.on('allow-truncated'),
    rs: settings.on('rs'),
    lateness: settings.get('lateness') ?? mapping.waits.lateness,
    hold: settings.get('hold') ?? mapping.waits.hold,
    idle: settings.get('idle') ?? mapping.waits.idle,
    retention: settings.get('retention') ?? mapping.waits.retention,
    maxJump: settings.need('max-jump'),
    signal,
  };
}

/** Where events go, and what an endpoint of the config file says of them. */
function targetOf(
  settings: Settings,
  allowed: readonly AllowedNet[],
): { readonly target: ReplayTarget; readonly types: readonly string[] | undefined; readonly profile: string | undefined } {
  const to = settings.get('to');
  if (to === undefined)
    throw new UpcastError({
      code: 'usage',
      exit: EXIT.usage,
      message: 'no target',
      hint: 'say where events go: --to https://new.example/events, a file, or - for stdout',
    });
  const endpoint = endpointOf(settings, to, allowed);
  if (endpoint === undefined) {
    const target: ReplayTarget = to === '-' ? { kind: 'stdout' } : { kind: 'file', path: to };
    return { target, types: undefined, profile: undefined };
  }
  const batch = settings.get('batch') ?? endpoint.batch;
  if (batch < 1 || batch > MOST_BATCH)
    throw settings.error('batch', `batch: expected a whole number from 1 to ${MOST_BATCH}, got ${batch}`);
  return {
    target: { kind: 'http', client: endpoint, batch, maxRequests: endpoint.rate },
    types: endpoint.types,
    profile: endpoint.profile,
  };
}

/** Names of what a replay keeps: beside the file it writes, else beside its first input; none where both are streams. */
function besideOf(target: ReplayTarget, first: string | undefined): ((suffix: string) => string) | undefined {
  if (target.kind === 'file') return (suffix) => `${target.path}${suffix}`;
  return target.kind === 'stdout' || first === undefined || first === '-' ? undefined : (suffix) => `${first}.replay${suffix}`;
}

function provenanceOf(settings: Settings, inputs: readonly string[], from: string): string | undefined {
  const path = settings.get('provenance');
  // In the events is where they are looked for anyway.
  if (path === undefined || path === 'field' || path === 'none') return undefined;
  if (inputs.length === 1 && from === '2.0') return path;
  throw settings.error(
    'provenance',
    'provenance: it belongs to one output of convert',
    'give one input, or convert with --provenance field',
  );
}

function refusePaths(
  inputs: readonly string[],
  target: ReplayTarget,
  { provenance, state, receipts, deadLetters }: Readonly<Record<'provenance' | 'state' | 'receipts' | 'deadLetters', string | undefined>>,
  report: string | undefined,
): void {
  const output = target.kind === 'file' ? target.path : undefined;
  refuseClash([
    ...inputs.map((input) => ['an input', input] as const),
    ['the provenance', provenance],
    ['the target', output],
    ['the dead letters', deadLetters],
    ['the receipts', receipts],
    ['the report', report],
    ['the state', state],
  ]);
  for (const path of [output, deadLetters, receipts, report, state]) refuseNoFile(path);
}
