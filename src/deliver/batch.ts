import { createHash } from 'node:crypto';

/** An event that goes with others in one request. */
export interface BatchItem {
  /** Its id, 64 hex digits. */
  readonly key: string;
  /** A JSON object. */
  readonly body: Uint8Array;
}

const [OPEN, COMMA, CLOSE] = ['[', ',', ']'].map((text) => Buffer.from(text));

/**
 * One request of several events: a JSON array. Each event carries its id as `_upcast.id`, as `convert --provenance field` writes it, since a
 * header holds only one. The id of the request follows from those of its events.
 */
export function batchOf(items: readonly BatchItem[]): { readonly id: string; readonly body: Uint8Array } {
  const hash = createHash('sha256');
  const parts: Uint8Array[] = [OPEN as Buffer];
  for (const [index, { key, body }] of items.entries()) {
    hash.update(key);
    if (index > 0) parts.push(COMMA as Buffer);
    // `{…}` becomes `{…,"_upcast":{"id":"…"}}`; an event is never empty.
    parts.push(body.subarray(0, body.length - 1), Buffer.from(`,"_upcast":{"id":"${key}"}}`));
  }
  parts.push(CLOSE as Buffer);
  return { id: hash.digest('hex'), body: Buffer.concat(parts) };
}
