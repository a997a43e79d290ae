import { EXIT, UpcastError } from '../errors.ts';
import type { InputSource } from '../source/inputs.ts';
import { expandInputs } from '../source/inputs.ts';
import type { ReplayHooks } from './api.ts';
import { createCommitter } from './committer.ts';
import { createControl } from './control.ts';
import { createFeed } from './feed.ts';
import { openReplayFiles } from './files.ts';
import type { ReplayJob } from './job.ts';
import { targetName } from './job.ts';
import type { OpenReplay } from './open-replay.ts';
import { openReplayState } from './open-replay.ts';
import { createPace } from './pace.ts';
import { createPatience } from './patience.ts';
import { createProgress } from './progress.ts';
import type { ReplayResult } from './result.ts';
import { NOTHING_READ } from './result.ts';
import { createSending } from './sending.ts';
import { createSeries } from './series.ts';
import { createWaits } from './waits.ts';

const STATUS_EVERY = 100;
/** From one look at the target and the files to the next. */
const LOOK_EVERY = 1_000;
/** For requests under way when it ends early. */
const PATIENCE = 3_500;

/**
 * Sends a stream again: each event at least once, in order for each contact and each agent, or it is listed as failed. A run that was
 * stopped goes on where it was; a finished one does nothing. What ends it early is in the result.
 * Errors, before anything is sent: those of the inputs, the state and the files.
 */
export async function runReplay(job: ReplayJob, hooks: ReplayHooks = {}): Promise<ReplayResult> {
  const inputs = await expandInputs(job.inputs);
  const open = openReplayState(job, inputs);
  try {
    return await replay({ ...job, selection: open.saved?.selection ?? job.selection }, inputs, open, hooks);
  } finally {
    open.store.close();
  }
}

async function replay(
  job: ReplayJob,
  inputs: readonly InputSource[],
  { store, saved }: OpenReplay,
  hooks: ReplayHooks,
): Promise<ReplayResult> {
  const started = performance.now();
  const progress = createProgress(saved?.progress);
  const before = { ...progress.counts };
  const series = createSeries();
  const read = { ...NOTHING_READ };
  const known = saved?.read ?? NOTHING_READ;
  /** Until it has read as far as an earlier run, what that one found. */
  const readSoFar = (): typeof read => ({
    ...(read.meant < known.meant ? known : read),
    noEvents: Math.max(read.noEvents, known.noEvents),
  });
  const resultOf = (how: Pick<ReplayResult, 'ending' | 'error' | 'span' | 'files'>): ReplayResult => ({
    ...how,
    inputs: inputs.map(({ name }) => name),
    target: targetName(job),
    counts: progress.counts,
    before,
    read: readSoFar(),
    seconds: (performance.now() - started) / 1000,
    series,
  });
  if (saved?.phase === 'done') return resultOf({ ending: 'again', error: undefined, span: undefined, files: [] });
  if (saved !== undefined) warnOfRepeats(job, saved.at, hooks);

  const files = openReplayFiles(job, store, saved);
  const waits = createWaits();
  const pace = createPace({ speed: job.tempo.speed, maxGap: job.tempo.maxGap, startAt: startOf(job) });
  let fault: unknown;
  let holdSender = (): void => {};
  const end = (error: unknown): void => {
    fault ??= error;
    holdSender();
    waits.wake();
  };
  const isOver = (): boolean => fault !== undefined;
  let shift = saved?.shift;
  const move = (first: number): number => {
    shift ??= job.restamp ? Math.round((job.tempo.startAt ?? Date.now()) - first) : 0;
    return shift;
  };
  const patience = createPatience(job.giveUp, end);
  const committer = createCommitter({
    store,
    files,
    saved: () => ({
      progress: progress.save(),
      shift,
      selection: job.selection,
      read: readSoFar(),
      fed: feed.fed,
      at: Date.now(),
    }),
    failed: end,
    concurrency: job.target.kind === 'http' ? job.target.client.concurrency : 1,
  });
  const watch = hooks.attempt ?? (() => {});
  const sending = createSending({
    job,
    progress,
    files,
    committer,
    pace,
    patience,
    series,
    started,
    watch,
    failed: end,
    ended: waits.wake,
  });
  const { sender } = sending;
  // What is sent from then on may not be kept.
  holdSender = () => sender.hold(true);
  const feed = createFeed({
    job,
    inputs,
    sender,
    progress,
    files,
    pace,
    waits,
    series,
    started,
    read,
    before: saved === undefined ? undefined : { fed: saved.fed, noEvents: known.noEvents },
    shift: move,
    isOver,
  });
  hooks.started?.(createControl(pace, sender, waits));
  let moving: Promise<void> | undefined;
  const looking = setInterval(() => {
    patience.look(performance.now(), pace.isPaused ? 0 : sender.size);
    if (files.waiting === 0 || moving !== undefined) return;
    const done = (): void => {
      moving = undefined;
    };
    moving = committer.moveLines().catch(end).finally(done);
  }, LOOK_EVERY);
  const size = inputs.reduce((sum, input) => sum + (input.size ?? Number.NaN), 0);
  const telling = setInterval(() => {
    hooks.status?.({
      seconds: (performance.now() - started) / 1000,
      position: sending.span?.last,
      counts: progress.counts,
      sent: sending.sent,
      lag: sending.lag,
      isPaused: pace.isPaused,
      speed: pace.speed,
      underWay: sender.size,
      state: sender.state,
      share: size > 0 ? Math.min(1, read.bytes / size / job.rounds) : undefined,
    });
  }, STATUS_EVERY);
  const stop = (): void => end(stoppedBy(String(job.signal?.reason)));
  job.signal?.addEventListener('abort', stop);
  if (job.signal?.aborted === true) stop();
  try {
    if (saved?.phase !== 'complete') await feed.run();
  } catch (error) {
    end(error);
  }
  job.signal?.removeEventListener('abort', stop);
  await sender.stop(PATIENCE);
  clearInterval(looking);
  clearInterval(telling);
  await moving;
  const { span } = sending;
  if (fault === undefined) {
    await committer.finish();
    if (!isOver()) return resultOf({ ending: 'done', error: undefined, span, files: files.written });
  }
  // What ended it is what is told: a full disk is full here, too.
  await committer.moveLines().catch(() => {});
  await files.abandon();
  return resultOf({ ending: endingOf(fault), error: fault, span, files: [] });
}

/** Receivers forget ids: what was under way when a run stopped may then count twice. */
function warnOfRepeats({ target, receiverWindow }: ReplayJob, at: number, hooks: ReplayHooks): void {
  const gone = Date.now() - at;
  if (target.kind !== 'http' || gone <= receiverWindow) return;
  const most = target.client.concurrency * target.batch;
  hooks.told?.(
    `the run stopped ${Math.round(gone / 1000)} s ago: up to ${most} events that were under way may arrive again, later than the receiver remembers their ids (--receiver-dedupe-window)`,
  );
}

/** Monotonic time of the first event, where one was asked for. */
function startOf({ tempo: { startAt } }: ReplayJob): number | undefined {
  return startAt === undefined ? undefined : performance.now() + (startAt - Date.now());
}

function stoppedBy(signal: string): UpcastError {
  return new UpcastError({
    code: 'stopped',
    exit: signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated,
    message: `stopped by ${signal}`,
  });
}

function endingOf(fault: unknown): ReplayResult['ending'] {
  const gaveUp = fault instanceof UpcastError && fault.exit === EXIT.unreachable;
  return gaveUp ? 'gave-up' : 'stopped';
}
