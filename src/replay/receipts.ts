import type { ReplayEvent } from './event.ts';

/** What became of an event: a line of the receipts. */
export interface Receipt {
  readonly status: 'delivered' | 'failed';
  readonly attempts: number;
  /** From the first attempt to the answer that ended it, milliseconds. */
  readonly latency: number;
  /** Of one that failed: why. */
  readonly code: string | undefined;
}

/** The receipt of an event, as a line: `{"id","type","status","attempts","latencyMs","code"?}`. */
export function receiptLine({ key, type }: ReplayEvent, { status, attempts, latency, code }: Receipt): string {
  return `${JSON.stringify({ id: key, type, status, attempts, latencyMs: Math.round(latency * 10) / 10, code })}\n`;
}

const OPEN = Buffer.from('{');
const FEED = Buffer.from('\n');

/**
 * An event that was given up, as a line of the dead letters: the event itself with its id and the reason in `_upcast`, so that the file can
 * be replayed when what was wrong is mended, under the same ids.
 */
export function deadLine({ key, body }: ReplayEvent, code: string, detail: string, attempts: number): Uint8Array {
  const upcast = `"_upcast":${JSON.stringify({ id: key, stage: 'deliver', code, detail, attempts })}`;
  const rest = body.subarray(1);
  // `{}` has no field before which a comma would have to stand.
  const comma = rest[0] === 0x7d ? '' : ',';
  return Buffer.concat([OPEN, Buffer.from(upcast + comma), rest, FEED]);
}
