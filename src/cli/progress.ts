import type { Progress } from '../pipeline/job.ts';
import { formatBytes, formatCount, formatSeconds } from '../report/figures.ts';
import type { Stream } from './output.ts';

const TTY_EVERY = 0.1;
const LINE_EVERY = 30;
/** Free room below which it is shown. */
const LITTLE_ROOM = 10 * 2 ** 30;
const CLEAR_LINE = '\r\u001b[2K';

/** Shows how far a job is. */
export interface ProgressLine<T> {
  update(progress: T): void;
  /** Takes the line away, so that what follows starts on a clean one. */
  clear(): void;
}

/** A line that is rewritten on a terminal; else one line every 30 seconds, so that a log stays short and a watcher sees life. */
export function createProgressLine<T extends { readonly seconds: number }>(
  stream: Stream,
  render: (progress: T) => string,
): ProgressLine<T> {
  const isTerminal = stream.isTTY === true;
  let next = isTerminal ? 0 : LINE_EVERY;
  let isDrawn = false;
  return {
    update(progress) {
      if (progress.seconds < next) return;
      next = progress.seconds + (isTerminal ? TTY_EVERY : LINE_EVERY);
      const text = render(progress);
      if (!isTerminal) stream.write(`${text}\n`);
      else {
        stream.write(`${CLEAR_LINE}${text.slice(0, Math.max(20, (stream.columns ?? 80) - 1))}`);
        isDrawn = true;
      }
    },
    clear() {
      if (isDrawn) stream.write(CLEAR_LINE);
      isDrawn = false;
    },
  };
}

/** `42 %  1,234,567 events  310,000/s  88.1 MiB of 209.2 MiB  12 s left`; without a known size, what is known. */
export function renderProgress(progress: Progress): string {
  const { records, bytesRead, bytesTotal, seconds, deadLetters } = progress;
  const rate = seconds > 0 ? `${formatCount(records / seconds)}/s` : '-/s';
  const parts = [`${formatCount(records)} events`, rate];
  if (bytesTotal === undefined || bytesTotal === 0) parts.push(formatBytes(bytesRead));
  else {
    const share = Math.min(1, bytesRead / bytesTotal);
    parts.unshift(`${Math.floor(share * 100)} %`);
    parts.push(`${formatBytes(bytesRead)} of ${formatBytes(bytesTotal)}`);
    if (share > 0 && share < 1) parts.push(`${formatSeconds((seconds * (1 - share)) / share)} left`);
  }
  if (progress.free !== undefined && progress.free < LITTLE_ROOM) parts.push(`${formatBytes(progress.free)} free`);
  if (deadLetters > 0) parts.push(`${formatCount(deadLetters)} dead letter${deadLetters === 1 ? '' : 's'}`);
  return parts.join('  ');
}
