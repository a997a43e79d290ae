import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { ExplainJob } from '../explain/explain.ts';
import { explainCalls } from '../explain/explain.ts';
import type { ConvertJob, RunResult } from '../pipeline/job.ts';
import type { SignOff } from '../report/convert-html.ts';
import type { Oddity, SurveyState } from '../translate/survey.ts';
import type { Settings } from './config.ts';
import { formatDuration } from './units.ts';
import { version } from './version.ts';

/** Calls that are shown on the page. */
const SAMPLES = 10;

/**
 * All that the page of a run shows. Reads the log once more, to follow the calls that are shown, and the files that were written, for their
 * hashes.
 */
export async function signOffOf(result: RunResult, job: ConvertJob, settings: Settings): Promise<SignOff> {
  const hashes = new Map<string, string>();
  for (const { path } of result.files) if (path !== '-') hashes.set(path, await hashOf(path));
  return { result, samples: await samplesOf(result.survey, job), settings: settingsOf(job, settings), hashes };
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

/** Standard input is gone, and a capture has its own clock: neither can be followed again as it was. */
async function samplesOf(survey: SurveyState, job: ConvertJob): Promise<SignOff['samples']> {
  if (job.inputs.includes('-') || job.asReceived) return undefined;
  const why = chosen(survey);
  const look: ExplainJob = { ...job };
  return { explanation: inOrder(await explainCalls(look, why.keys()), why), why };
}

/** One of each kind, then a second one of each, and so on; with every reason for which it could have been chosen. */
function chosen({ specimens }: SurveyState): ReadonlyMap<string, readonly Oddity[]> {
  const why = new Map<string, Oddity[]>();
  for (let turn = 0; turn < SAMPLES; turn += 1) {
    for (const [, list] of specimens) {
      const contact = list[turn]?.contact;
      if (contact !== undefined && why.size < SAMPLES && !why.has(contact)) why.set(contact, []);
    }
  }
  for (const [oddity, list] of specimens) for (const { contact } of list) why.get(contact)?.push(oddity);
  return why;
}

function inOrder<T extends { readonly calls: readonly { readonly contact: string }[] }>(found: T, why: ReadonlyMap<string, unknown>): T {
  const order = [...why.keys()];
  return { ...found, calls: [...found.calls].sort((a, b) => order.indexOf(a.contact) - order.indexOf(b.contact)) };
}

function settingsOf(job: ConvertJob, settings: Settings): SignOff['settings'] {
  const { lateness, hold, idle, retention, timeZone } = job;
  const ids = settings.get('ids');
  return [
    ['program', `ccc-upcast ${version()}`],
    [
      'waits',
      `lateness ${formatDuration(lateness)}, hold ${formatDuration(hold)}, idle ${formatDuration(idle)}, retention ${formatDuration(retention)}`,
    ],
    ['time zone', timeZone],
    ['id table', ids ?? 'none: ids stay as they are'],
    ['inputs', job.inputs.join(', ')],
  ];
}
