import { EXIT, UpcastError } from '../errors.ts';
import { decompress } from '../parse/decompress.ts';
import { expandInputs } from '../source/inputs.ts';

/** What the receipts of a replay say against what a receiver has. Counts are of different ids, but for repeats. */
export interface Verification {
  readonly delivered: number;
  readonly failed: number;
  readonly received: number;
  /** Ids that the receiver names more than once: how many too many. */
  readonly repeats: number;
  /** Delivered by the receipts, but the receiver does not have them: the first few, and how many. */
  readonly missing: Finding;
  /** The receiver has them, but no receipt names them. */
  readonly unknown: Finding;
  /** Failed by the receipts, and yet received: the answer was lost. */
  readonly failedButReceived: Finding;
}

/** So many ids, and the first of them. */
export interface Finding {
  readonly count: number;
  readonly first: readonly string[];
}

const FIRST = 10;
/** Where a receiver may have put the id. */
const ID_FIELDS = ['id', 'webhook-id', 'webhookId', 'idempotency-key', 'idempotencyKey'];

/** Checks receipts against the ids of a receiver: one a line, alone or in a JSON object. Errors: `bad-receipts`, `bad-ids` (65). */
export async function verifyReceipts(receipts: string, against: string): Promise<Verification> {
  const known = createIdMap();
  let [delivered, failed] = [0, 0];
  for await (const { id, status, line } of readReceipts(receipts)) {
    if (known.get(id) !== undefined) throw badFile('bad-receipts', receipts, `line ${line} names an id again`);
    known.set(id, status === 'delivered' ? DELIVERED : FAILED);
    if (status === 'delivered') delivered += 1;
    else failed += 1;
  }
  let [received, repeats] = [0, 0];
  const [missing, unknown, failedButReceived] = [createFinding(), createFinding(), createFinding()];
  for await (const id of readIds(against)) {
    const was = known.get(id);
    if (was === undefined) unknown.found(id);
    if (was === FAILED) failedButReceived.found(id);
    if (was !== undefined && was >= RECEIVED) repeats += 1;
    else received += 1;
    known.set(id, (was ?? 0) | RECEIVED);
  }
  known.each((id, was) => {
    if (was === DELIVERED) missing.found(id);
  });
  return { delivered, failed, received, repeats, missing, unknown, failedButReceived };
}

const DELIVERED = 1;
const FAILED = 2;
const RECEIVED = 4;

interface IdMap {
  get(id: string): number | undefined;
  set(id: string, value: number): void;
  each(look: (id: string, value: number) => void): void;
}

/** A map cannot hold more than 16 million entries. */
function createIdMap(): IdMap {
  const maps = new Map<string, Map<string, number>>();
  const of = (id: string): Map<string, number> => {
    const name = id.slice(0, 2);
    const found = maps.get(name);
    if (found !== undefined) return found;
    const made = new Map<string, number>();
    maps.set(name, made);
    return made;
  };
  return {
    get: (id) => of(id).get(id),
    set: (id, value) => of(id).set(id, value),
    each(look) {
      for (const map of maps.values()) for (const [id, value] of map) look(id, value);
    },
  };
}

function createFinding(): Finding & { found(id: string): void } {
  const first: string[] = [];
  let count = 0;
  return {
    get count() {
      return count;
    },
    first,
    found(id) {
      count += 1;
      if (first.length < FIRST) first.push(id);
    },
  };
}

async function* readReceipts(path: string): AsyncGenerator<{ id: string; status: string; line: number }> {
  for await (const { text, line } of readLines(path)) {
    const { id, status } = fieldsOf(text);
    if (typeof id !== 'string' || (status !== 'delivered' && status !== 'failed'))
      throw badFile('bad-receipts', path, `line ${line} is no receipt`);
    yield { id, status, line };
  }
}

async function* readIds(path: string): AsyncGenerator<string> {
  for await (const { text, line } of readLines(path)) {
    const id = /^["{]/.test(text) ? idIn(text) : text;
    if (id === undefined) throw badFile('bad-ids', path, `line ${line} names no id`);
    yield id;
  }
}

function idIn(text: string): string | undefined {
  const fields = fieldsOf(text.startsWith('"') ? `{"id":${text}}` : text);
  return ID_FIELDS.map((name) => fields[name]).find((each): each is string => typeof each === 'string');
}

/** The fields of a JSON object; none of what is none. */
function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}

/** Lines that are not blank, without white space around them. */
async function* readLines(path: string): AsyncGenerator<{ readonly text: string; readonly line: number }> {
  let rest = '';
  let line = 0;
  for (const input of await expandInputs([path])) {
    const decoder = new TextDecoder();
    for await (const chunk of decompress(input.open(), { name: path, allowTruncated: false })) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const each of lines) {
        line += 1;
        if (each.trim() !== '') yield { text: each.trim(), line };
      }
    }
    if (rest.trim() !== '') yield { text: rest.trim(), line: line + 1 };
  }
}

function badFile(code: 'bad-receipts' | 'bad-ids', path: string, what: string): UpcastError {
  const hint =
    code === 'bad-receipts'
      ? 'name the file that replay --receipts wrote'
      : `one id a line, or a JSON object with one of ${ID_FIELDS.join(', ')}`;
  return new UpcastError({ code, exit: EXIT.damaged, message: what, place: path, hint });
}
