import { existsSync } from 'node:fs';
import type { ExitCode } from '../../errors.ts';
import { EXIT, UpcastError } from '../../errors.ts';
import type { ReplayJob } from '../../replay/job.ts';
import { runReplay } from '../../replay/replayer.ts';
import type { ReplayResult } from '../../replay/result.ts';
import { surveyReplay } from '../../replay/survey.ts';
import { verifyReceipts } from '../../replay/verify.ts';
import { formatCount } from '../../report/figures.ts';
import { renderReplayHtml } from '../../report/replay-html.ts';
import { renderReplayJson, renderSurveyJson, renderVerificationJson } from '../../report/replay-json.ts';
import { isReplayBalanced, renderReplaySummary, renderSurvey, renderVerification } from '../../report/replay-text.ts';
import { openFileSink } from '../../sink/file.ts';
import type { Flags, Settings } from '../config.ts';
import { resolveSettings } from '../config.ts';
import { worstExit } from '../exit-codes.ts';
import type { Io } from '../output.ts';
import { isBrokenPipe, reportError, tellHowToGoOn, warn } from '../output.ts';
import { createProgressLine } from '../progress.ts';
import { createReplayJob } from '../replay-job.ts';
import { createReplayText } from '../replay-progress.ts';
import { startSteering } from '../replay-steering.ts';
import { formatSpeed } from '../replay-values.ts';
import { reportPathOf } from '../result-files.ts';

/** `replay [INPUT…] --to URL`: delivers a converted stream again. */
export async function replayCommand(words: readonly string[], flags: Flags, io: Io, version: string): Promise<ExitCode> {
  const settings = resolveSettings(flags, io.env);
  if (settings.get('verify') !== undefined || settings.get('against') !== undefined) return verify(settings, io);
  const job = await createReplayJob(words, settings, io, io.stopSignal?.());
  if (settings.on('json') && job.target.kind === 'stdout' && !settings.on('dry-run'))
    throw settings.error('json', 'json: the events go to stdout already', 'give --report FILE.json instead');
  const report = reportPathOf(settings);
  if (settings.on('dry-run')) return await survey(job, settings, io);
  const asked = isAsked(job, settings, io) ? await ask(job, io) : undefined;
  if (asked?.isMeant === false) {
    io.stderr.write('nothing was sent\n');
    return EXIT.interrupted;
  }
  const sink = report === undefined ? undefined : openFileSink(report, { force: job.force });
  try {
    const result = await shown(job, settings, io, version, asked?.events);
    const told = sink === undefined ? EXIT.ok : await writeReport(sink, result, settings, io);
    return conclude(result, job, settings, io, told);
  } catch (error) {
    await sink?.remove();
    throw error;
  }
}

async function survey(job: ReplayJob, settings: Settings, io: Io): Promise<ExitCode> {
  const found = await surveyReplay(job);
  if (settings.on('json')) io.stdout.write(renderSurveyJson(found));
  else for (const line of renderSurvey(found, tempoText(job))) io.stdout.write(`${line}\n`);
  return EXIT.ok;
}

function tempoText({ tempo: { speed, rate } }: ReplayJob): string {
  const atMost = rate === undefined ? '' : `, at most ${rate}/s`;
  return `${speed === Number.POSITIVE_INFINITY ? 'as fast as it goes' : `at ${formatSpeed(speed)}`}${atMost}`;
}

/** A person at the terminal is asked before anything leaves the machine; what goes on was allowed before. */
function isAsked(job: ReplayJob, settings: Settings, io: Io): boolean {
  if (settings.on('yes') || job.target.kind !== 'http' || io.ask === undefined) return false;
  const goesOn = job.state !== undefined && existsSync(job.state) && !job.restart;
  return !goesOn && io.stdin.isTTY === true && io.stderr.isTTY === true;
}

async function ask(job: ReplayJob, io: Io): Promise<{ readonly isMeant: boolean; readonly events: number | undefined }> {
  io.stderr.write('reading the stream …\n');
  const found = await surveyReplay(job);
  for (const line of renderSurvey(found, tempoText(job))) io.stderr.write(`${line}\n`);
  const answer = await io.ask?.(`Send ${formatCount(found.read.meant)} events to ${found.target}? [y/N] `);
  return { isMeant: /^y(es)?$/i.test(answer?.trim() ?? ''), events: found.isEndless ? undefined : found.read.meant };
}

/** The replay, with what shows how far it is and what steers it. `events`: how many there are, if that was found out. */
async function shown(job: ReplayJob, settings: Settings, io: Io, version: string, events: number | undefined): Promise<ReplayResult> {
  const isQuiet = settings.on('quiet');
  const line = isQuiet ? undefined : createProgressLine(io.stderr, createReplayText(events));
  const tell = (text: string): void => {
    if (isQuiet) return;
    line?.clear();
    io.stderr.write(`${text}\n`);
  };
  const steering = await startSteering(settings, io, version, tell);
  try {
    return await runReplay(job, {
      ...steering.hooks,
      told: tell,
      status(status) {
        steering.status(status);
        line?.update(status);
      },
    });
  } finally {
    line?.clear();
    steering.stop();
  }
}

function conclude(result: ReplayResult, job: ReplayJob, settings: Settings, io: Io, told: ExitCode): ExitCode {
  const { counts, read, ending, error } = result;
  if (isBrokenPipe(error)) throw error;
  const color = settings.get('color');
  const isQuiet = settings.on('quiet');
  if (settings.on('json')) io.stdout.write(renderReplayJson(result));
  if (!isQuiet) {
    if (read.made > 0 && ending !== 'again') warnOfIds(result, job, io, color);
    for (const text of renderReplaySummary(result)) io.stderr.write(`${text}\n`);
  }
  const lost = counts.failed + read.noEvents;
  if (!isQuiet && lost > 0 && job.deadLetters === undefined)
    warn(io, `${formatCount(lost)} dead letters were counted but not kept: give --dead-letters FILE`, color);
  if (error !== undefined) {
    const canGoOn = job.state !== undefined && existsSync(job.state) && !job.inputs.includes('-');
    if (canGoOn && error instanceof UpcastError && RESUMABLE.includes(error.exit)) tellHowToGoOn(io, color);
    throw error;
  }
  if (ending === 'again') return told;
  return worstExit([told, isReplayBalanced(result) ? EXIT.ok : EXIT.unbalanced, lost > 0 ? EXIT.deadLetters : EXIT.ok]);
}

const RESUMABLE: readonly ExitCode[] = [EXIT.io, EXIT.unreachable, EXIT.interrupted, EXIT.terminated];

/** Another receiver that knows the ids of the provenance would take these events for others. */
function warnOfIds({ read }: ReplayResult, job: ReplayJob, io: Io, color: string | undefined): void {
  const [input = ''] = job.inputs;
  const beside = `${input}.provenance.ndjson`;
  const hint = job.inputs.length === 1 && existsSync(beside) ? `; give --provenance ${beside} for those that convert gave them` : '';
  warn(io, `the ids of ${formatCount(read.made)} events follow from their content${hint}`, color);
}

/** The events have gone, whatever becomes of the report: a failure here is told, and decides the exit code. */
async function writeReport(sink: ReturnType<typeof openFileSink>, result: ReplayResult, settings: Settings, io: Io): Promise<ExitCode> {
  try {
    const text = sink.path.endsWith('.json')
      ? renderReplayJson(result)
      : sink.path.endsWith('.html')
        ? renderReplayHtml(result)
        : `${renderReplaySummary(result).join('\n')}\n`;
    const bytes = new TextEncoder().encode(text);
    sink.line(bytes, 0, bytes.length);
    await sink.finish();
    return EXIT.ok;
  } catch (error) {
    return reportError(io, error, { color: settings.get('color'), verbose: settings.on('verbose') });
  }
}

/** `replay --verify RECEIPTS --against IDS`: 3 where they differ. */
async function verify(settings: Settings, io: Io): Promise<ExitCode> {
  const [receipts, against] = [settings.get('verify'), settings.get('against')];
  if (receipts === undefined || against === undefined)
    throw new UpcastError({
      code: 'usage',
      exit: EXIT.usage,
      message: 'receipts are checked against what a receiver has',
      hint: 'give both: --verify receipts.ndjson --against ids.txt',
    });
  const found = await verifyReceipts(receipts, against);
  if (settings.on('json')) io.stdout.write(renderVerificationJson(found));
  else for (const line of renderVerification(found)) io.stdout.write(`${line}\n`);
  return found.missing.count + found.unknown.count > 0 ? EXIT.deadLetters : EXIT.ok;
}
