import { createHmac, timingSafeEqual } from 'node:crypto';

/** A key of Standard Webhooks: `whsec_` and base64, or base64 alone. */
export interface SigningKey {
  readonly bytes: Buffer;
}

const PREFIX = 'whsec_';
/** The specification asks for 24 to 64 bytes. */
const LEAST_KEY = 16;
const MOST_KEY = 256;

/** Reads a key; undefined if it is none. */
export function parseKey(text: string): SigningKey | undefined {
  const body = text.trim();
  const encoded = body.startsWith(PREFIX) ? body.slice(PREFIX.length) : body;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  return bytes.length >= LEAST_KEY && bytes.length <= MOST_KEY ? { bytes } : undefined;
}

/** The value of `webhook-signature`: one signature a key, so that a receiver knows either while keys are changed. `seconds`: Unix time. */
export function sign(keys: readonly SigningKey[], id: string, seconds: number | string, body: Uint8Array): string {
  return keys.map((key) => `v1,${signature(key, id, seconds, body).toString('base64')}`).join(' ');
}

function signature({ bytes }: SigningKey, id: string, seconds: number | string, body: Uint8Array): Buffer {
  return createHmac('sha256', bytes).update(`${id}.${seconds}.`).update(body).digest();
}

/** Seconds that a sender's clock may differ. */
const TOLERANCE = 300;

/** What a signed request says of itself. */
export interface SignedHeaders {
  readonly id: string | undefined;
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
}

/** True if one of the keys made one of the signatures, over this body, at about this time (Unix seconds). */
export function isSigned(keys: readonly SigningKey[], headers: SignedHeaders, body: Uint8Array, now: number): boolean {
  const { id, timestamp, signature: given } = headers;
  if (id === undefined || timestamp === undefined || given === undefined || !/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(now - Number(timestamp)) > TOLERANCE) return false;
  const offered = given.split(' ').map((each) => Buffer.from(each));
  return keys.some((key) => {
    // As text: one signature in base64 has several spellings, and only the one that a sender writes counts.
    const own = Buffer.from(sign([key], id, timestamp, body));
    return offered.some((each) => each.length === own.length && timingSafeEqual(each, own));
  });
}
