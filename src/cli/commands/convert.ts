import { existsSync } from 'node:fs';
import type { ExitCode } from '../../errors.ts';
import { EXIT, UpcastError } from '../../errors.ts';
import type { ConvertJob, DiskNeed, Progress, RunResult } from '../../pipeline/job.ts';
import { formatBytes } from '../../report/figures.ts';
import { renderJson } from '../../report/json.ts';
import { renderSummary } from '../../report/summary.ts';
import { renderText } from '../../report/text.ts';
import { openFileSink } from '../../sink/file.ts';
import type { Flags, Settings } from '../config.ts';
import { resolveSettings } from '../config.ts';
import { exitOfRun, worstExit } from '../exit-codes.ts';
import { createJob } from '../job.ts';
import type { Io } from '../output.ts';
import { reportError, tellHowToGoOn, warn } from '../output.ts';
import type { JobPaths } from '../paths.ts';
import { pathsOf } from '../paths.ts';
import type { ProgressLine } from '../progress.ts';
import { createProgressLine, renderProgress } from '../progress.ts';

/** Runs a conversion; tests give their own. */
export type Runner = (job: ConvertJob) => Promise<RunResult>;

/** `convert [INPUT…]`: legacy logs → 2.0 stream. */
export async function convertCommand(inputs: readonly string[], flags: Flags, io: Io, runner?: Runner): Promise<ExitCode> {
  const settings = resolveSettings(flags, io.env);
  const color = settings.get('color');
  const paths = pathsOf(inputs, settings, io);
  const isQuiet = settings.on('quiet');
  const line = showsProgress(paths, isQuiet, io) ? createProgressLine(io.stderr, renderProgress) : undefined;
  const onDisk = isQuiet ? undefined : (disk: DiskNeed) => tellDisk(disk, io, color);
  const onProgress = line === undefined ? undefined : (progress: Progress) => line.update(progress);
  const job = await createJob(settings, paths, { onProgress, onDisk, signal: io.stopSignal?.() });
  const report = paths.report === undefined || isKept(paths.report, job) ? undefined : openReport(paths.report, job.force);
  try {
    // Loaded here: help and `check` need no database.
    const run = runner ?? (await import('../../pipeline/run.ts')).runConvert;
    const result = await runShown(run, job, line);
    if (!isQuiet) tell(result, paths, io, color);
    return worstExit([exitOfRun(result), report === undefined ? EXIT.ok : await writeReport(report, result, job, io, settings)]);
  } catch (error) {
    await report?.remove();
    if (canGoOn(error, job)) tellHowToGoOn(io, color);
    throw error;
  }
}

/** The report of a job that may be finished already is left as it is. */
function isKept(report: string, job: ConvertJob): boolean {
  return !job.force && !job.restart && job.state !== undefined && existsSync(job.state) && existsSync(report);
}

/** A smaller need is not worth a line. */
const WORTH_TELLING = 64 * 2 ** 20;

/** Told before the start: a full disk stops a run that could have been somewhere else. */
function tellDisk({ need, free, folder }: DiskNeed, io: Io, color: string | undefined): void {
  const room = free === undefined ? '' : `, ${formatBytes(free)} free`;
  const text = `about ${formatBytes(need)} will be written to ${folder}${room}`;
  if (free !== undefined && free < need) warn(io, `${text}: the disk will probably be full before the end`, color);
  else if (need >= WORTH_TELLING) io.stderr.write(`disk  ${text}\n`);
}

const RESUMABLE: readonly ExitCode[] = [EXIT.io, EXIT.interrupted, EXIT.terminated];

/** Whatever stopped a run that can go on, the same command line does it. */
function canGoOn(error: unknown, job: ConvertJob): boolean {
  if (!(error instanceof UpcastError) || !RESUMABLE.includes(error.exit)) return false;
  return job.state !== undefined && existsSync(job.state) && job.output !== '-' && !job.inputs.includes('-');
}

async function runShown(run: Runner, job: ConvertJob, line: ProgressLine<Progress> | undefined): Promise<RunResult> {
  try {
    return await run(job);
  } finally {
    line?.clear();
  }
}

/** A progress line on the terminal that also shows the data would tear both. */
function showsProgress(paths: JobPaths, isQuiet: boolean, io: Io): boolean {
  return !isQuiet && !(paths.output === '-' && io.stdout.isTTY === true && io.stderr.isTTY === true);
}

function tell(result: RunResult, paths: JobPaths, io: Io, color: string | undefined): void {
  for (const warning of result.warnings) warn(io, warning, color);
  const { count, first } = result.deadLetters;
  if (count > 0 && paths.deadLetters === undefined) {
    const at = first[0] === undefined ? '' : `; the first at ${first[0].place}: ${first[0].message}`;
    const what = count === 1 ? '1 dead letter was' : `${count} dead letters were`;
    warn(io, `${what} counted but not kept: give --dead-letters FILE${at}`, color);
  }
  const where = paths.report === undefined ? [] : [`file  ${paths.report}: report`];
  for (const text of [...renderSummary(result), ...where]) io.stderr.write(`${text}\n`);
}

type ReportSink = ReturnType<typeof openFileSink>;

/** Opened before the run: hours of work must not end at a report that cannot be written. */
function openReport(path: string, force: boolean): ReportSink {
  return openFileSink(path, { force });
}

/** The output stands whatever becomes of its report: a failure here is told, and decides the exit code, but undoes nothing. */
async function writeReport(sink: ReportSink, result: RunResult, job: ConvertJob, io: Io, settings: Settings): Promise<ExitCode> {
  try {
    const bytes = new TextEncoder().encode(await reportOf(sink.path, result, job, settings));
    sink.line(bytes, 0, bytes.length);
    await sink.finish();
    return EXIT.ok;
  } catch (error) {
    await sink.remove().catch(() => {});
    return reportError(io, error, { color: settings.get('color'), verbose: settings.on('verbose') });
  }
}

async function reportOf(path: string, result: RunResult, job: ConvertJob, settings: Settings): Promise<string> {
  if (!path.endsWith('.html')) return path.endsWith('.json') ? renderJson(result) : renderText(result);
  // Loaded here: it is large, and most runs do without.
  const [{ signOffOf }, { signOffToHtml }] = await Promise.all([import('../sign-off.ts'), import('../../report/convert-html.ts')]);
  return signOffToHtml(await signOffOf(result, job, settings));
}
