import type { ShapeTree } from '../event/shape.ts';
import { readBuffer } from '../parse/reader.ts';
import type { Outbox, PendingDelivery, StoredLetter } from '../store/outbox.ts';
import { DAMAGED } from '../store/outbox.ts';
import type { NotRewritten, Rewritten } from '../translate/rewrite.ts';
import type { Verdict } from './engine.ts';

/** Which dead letters are meant; those left out do not matter. */
export interface LetterFilter {
  readonly ids?: readonly number[] | undefined;
  readonly code?: string | undefined;
  readonly stage?: string | undefined;
  readonly endpoint?: string | undefined;
}

/** What dead letters are kept in, and where their events go. */
export interface LetterOffice {
  readonly outbox: () => Outbox;
  /** Changes the outbox; resolves when that is on disk. */
  act<T>(work: (outbox: Outbox) => T): Promise<T>;
  /** Translates a record again, by the mapping of now. */
  submit(records: ReturnType<typeof readBuffer>['items']): Promise<readonly Verdict[]>;
  /** Writes an event that was refused anew, by the mapping of now, or says why it cannot. */
  rewrite(letter: StoredLetter): Rewritten | NotRewritten;
  readonly shapes: () => ShapeTree;
  readonly maxLine: number;
  readonly dupKeys: 'refuse' | 'last';
  /** An event waits for its endpoint again. */
  again(endpoint: number, delivery: PendingDelivery): void;
}

/** What became of letters that were to be redriven. */
export interface Redriven {
  readonly sent: number;
  /** They were translated or read no better than before: they are letters again. */
  readonly rejected: number;
  /** They are letters still, and why. */
  readonly left: readonly LeftLetter[];
}

/** A letter that could not be sent again as it was to be. */
export interface LeftLetter {
  readonly id: number;
  readonly why: string;
}

const PAGE = 500;
const REJECTED = 'rejected';

/** The letters that a filter means, in their order. */
export function* lettersOf(outbox: Outbox, filter: LetterFilter): Generator<StoredLetter> {
  for (let after = 0; ; ) {
    const page = outbox.letters(after, PAGE);
    for (const letter of page) if (isMeant(letter, filter)) yield letter;
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}

function isMeant(letter: StoredLetter, { ids, code, stage, endpoint }: LetterFilter): boolean {
  return (
    (ids === undefined || ids.includes(letter.id)) &&
    (code === undefined || letter.code === code) &&
    (stage === undefined || letter.stage === stage) &&
    (endpoint === undefined || letter.endpoint === endpoint)
  );
}

/** Removes letters for good; returns how many. */
export function purge(office: LetterOffice, filter: LetterFilter): Promise<number> {
  return office.act((outbox) => {
    const ids = [...lettersOf(outbox, filter)].map(({ id }) => id);
    for (const id of ids) outbox.removeLetter(id);
    return ids.length;
  });
}

/**
 * Gives letters another chance, in their order: an event that an endpoint refused goes to that endpoint again under its id, as it was or
 * (`isRewritten`) as the mapping of now writes it; a record that could not be read or translated comes in again, and is translated by the
 * mapping of now.
 */
export async function redrive(office: LetterOffice, filter: LetterFilter, isRewritten: boolean, now: () => number): Promise<Redriven> {
  let [sent, rejected] = [0, 0];
  const left: LeftLetter[] = [];
  for (const letter of [...lettersOf(office.outbox(), filter)]) {
    const why = letter.stage === 'deliver' ? await sendAgain(office, letter, isRewritten, now()) : await takeAgain(office, letter);
    if (why === undefined) sent += 1;
    else if (why === REJECTED) rejected += 1;
    else left.push({ id: letter.id, why });
  }
  return { sent, rejected, left };
}

/** Undefined if it is sent, else why not. */
async function sendAgain(office: LetterOffice, letter: StoredLetter, isRewritten: boolean, now: number): Promise<string | undefined> {
  if (letter.code === DAMAGED) return 'it is not as it was saved';
  const rewritten = isRewritten ? office.rewrite(letter) : undefined;
  if (rewritten !== undefined && 'why' in rewritten) return rewritten.why;
  const restored = await office.act((outbox) => {
    const found = outbox.restore({ ...letter, ...rewritten }, now);
    if (found !== undefined) outbox.removeLetter(letter.id);
    return found;
  });
  // A new one is found where all others are.
  if (restored?.isNew === false) office.again(restored.endpoint, restored.delivery);
  return restored === undefined ? 'nobody knows where it was to go' : undefined;
}

async function takeAgain(office: LetterOffice, letter: StoredLetter): Promise<typeof REJECTED | undefined> {
  const { maxLine, dupKeys } = office;
  const options = { source: 0, maxLine, dupKeys, format: 'concatenated', shapes: office.shapes() } as const;
  const [item] = readBuffer(letter.body, options).items;
  if (item === undefined) return REJECTED;
  const [verdict] = await office.submit([item]);
  // What is refused again became a new letter.
  await office.act((outbox) => outbox.removeLetter(letter.id));
  return verdict !== undefined && verdict.kind !== 'rejected' ? undefined : REJECTED;
}
