import type { ReplayStatus } from '../replay/api.ts';
import { formatCount, formatSeconds } from '../report/figures.ts';
import { formatSpeed } from './replay-values.ts';

/** Over so many seconds the shown rate is measured. */
const RATE_OVER = 2;

/** Makes the text of a status; what it shows of the rate follows from those before it. `total`: events to send, where that is known. */
export function createReplayText(total?: number): (status: ReplayStatus) => string {
  /** Times and counts of the last seconds, or of the last line where lines are rare. */
  const past: { readonly seconds: number; readonly sent: number }[] = [{ seconds: 0, sent: 0 }];
  return (status) => {
    const { seconds, sent, position, lag, counts, underWay } = status;
    const share = total === undefined || total === 0 ? status.share : Math.min(1, (counts.delivered + counts.failed) / total);
    past.push({ seconds, sent });
    while (past.length > 2 && seconds - (past[0]?.seconds ?? 0) > RATE_OVER) past.shift();
    const [first] = past;
    const span = seconds - (first?.seconds ?? 0);
    const rate = span > 0 ? `${formatCount((sent - (first?.sent ?? 0)) / span)}/s` : '-/s';
    const parts = [formatCount(counts.delivered), rate, `at ${formatSpeed(status.speed)}`, `lag ${formatSeconds(lag / 1000)}`];
    if (share !== undefined) parts.unshift(`${Math.floor(share * 100)} %`);
    if (position !== undefined) parts.unshift(new Date(position).toISOString());
    if (status.isPaused) parts.unshift('PAUSED');
    if (status.state !== 'closed') parts.push('the target does not take events');
    if (counts.retries > 0) parts.push(`${formatCount(counts.retries)} again`);
    if (counts.failed > 0) parts.push(`${formatCount(counts.failed)} failed`);
    if (share !== undefined && share > 0 && share < 1) parts.push(`${formatSeconds((seconds * (1 - share)) / share)} left`);
    if (share === 1 && underWay > 0) parts.push(`${formatCount(underWay)} under way`);
    return parts.join('  ');
  };
}
