import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { Pool } from 'undici';
import type { Load, Taken } from './wrk.ts';
import { CONNECTIONS } from './wrk.ts';

/** How a load at a fixed rate was taken. */
export interface Paced extends Taken {
  /** How far the sender itself was behind its schedule, milliseconds at the median: part of `p50`. */
  readonly late: number;
}

/**
 * Posts events on a schedule that does not wait for answers: one that comes late makes the next ones wait, and their time counts from when
 * they were due. What asks only when it has been answered never sees that.
 */
export async function runPaced(url: string, { log, skip, seconds }: Omit<Load, 'batch'>, rate: number): Promise<Paced> {
  const { origin, pathname } = new URL(url);
  const count = Math.floor(rate * seconds);
  // Read before: to read while sending would make it late.
  const lines = await linesOf(log, skip, count);
  const pool = new Pool(origin, { connections: CONNECTIONS, pipelining: 1 });
  const times: number[] = [];
  const lates: number[] = [];
  const statuses = new Map<number, number>();
  const post = async (body: Buffer, due: number): Promise<void> => {
    const { statusCode, body: answer } = await pool.request({
      path: pathname,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    await answer.dump();
    times.push(performance.now() - due);
    statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
  };
  const underWay: Promise<void>[] = [];
  const started = performance.now();
  while (underWay.length < count) {
    const now = performance.now();
    for (;;) {
      const due = started + (underWay.length * 1000) / rate;
      const body = lines[underWay.length];
      if (body === undefined || due > now) break;
      lates.push(now - due);
      underWay.push(post(body, due));
    }
    await wait(1);
  }
  await Promise.all(underWay);
  const taken = (performance.now() - started) / 1000;
  await pool.close();
  const others = [...statuses].filter(([status]) => status !== 202);
  if (others.length > 0) throw new Error(`requests were answered otherwise than 202: ${JSON.stringify(others)}`);
  return { requests: count, seconds: taken, p50: percentile(times, 0.5), p99: percentile(times, 0.99), late: percentile(lates, 0.5) };
}

async function linesOf(log: string, skip: number, count: number): Promise<readonly Buffer[]> {
  const lines: Buffer[] = [];
  let passed = 0;
  for await (const line of createInterface({ input: createReadStream(log), crlfDelay: Number.POSITIVE_INFINITY })) {
    passed += 1;
    if (passed <= skip) continue;
    lines.push(Buffer.from(line));
    if (lines.length === count) return lines;
  }
  throw new Error('the log is too short');
}

function percentile(numbers: number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(Math.floor(share * sorted.length), sorted.length - 1)] ?? Number.NaN;
}
