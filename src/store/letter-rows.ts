import { crc32 } from 'node:zlib';
import type { RowAccess } from './call-rows.ts';
import type { DeadLetter, Outbox, StoredLetter } from './outbox.ts';
import { DAMAGED } from './outbox.ts';

/** The table of dead letters. */
export const LETTERS_SCHEMA: string = `
  CREATE TABLE letters (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, stage TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL, endpoint TEXT,
    event INTEGER, key TEXT, type TEXT, contact TEXT, agent TEXT, place INTEGER, kind TEXT, source BLOB,
    body BLOB NOT NULL, crc INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX damaged_letters ON letters (id) WHERE code = '${DAMAGED}';
`;

/** The part of an outbox that keeps dead letters. */
type Letters = Pick<Outbox, 'dead' | 'letters' | 'latestLetters' | 'letter' | 'removeLetter' | 'letterCount' | 'damagedCount'>;

/** How an event came about, and the record that it came from, if that is known. */
export type Origin = Pick<StoredLetter, 'kind' | 'source'>;

/** The dead letters in a database. */
export function createLetters({ db, change, guard, damaged }: RowAccess, originOf: (event: number) => Origin): Letters {
  const addLetter = db.prepare(
    'INSERT INTO letters (at, stage, code, message, endpoint, event, key, type, contact, agent, place, kind, source, body, crc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const selectLetters = db.prepare('SELECT * FROM letters WHERE id > ? ORDER BY id LIMIT ?');
  const selectLatest = db.prepare('SELECT * FROM letters ORDER BY id DESC LIMIT ?');
  const selectLetter = db.prepare('SELECT * FROM letters WHERE id = ?');
  const deleteLetter = db.prepare('DELETE FROM letters WHERE id = ?');
  const countDamaged = db.prepare(`SELECT count(*) FROM letters WHERE code = '${DAMAGED}'`).pluck();
  const countLetters = db.prepare('SELECT count(*) FROM letters').pluck();
  return {
    dead(letter) {
      let id = 0;
      change(() => {
        const { at, stage, code, message, endpoint, event, key, type, contact, agent, place, body } = letter;
        const { kind, source }: Origin = event === undefined ? {} : originOf(event);
        const of = [endpoint, event, key, type, contact, agent, place, kind, source].map((each) => each ?? null);
        id = Number(addLetter.run(at, stage, code, message, ...of, body, letterCrc({ ...letter, source })).lastInsertRowid);
      });
      return id;
    },
    letters: (after, limit) => guard(() => (selectLetters.all(after, limit) as LetterRow[]).map((row) => letterOf(row, damaged))),
    latestLetters: (limit) => guard(() => (selectLatest.all(limit) as LetterRow[]).map((row) => letterOf(row, damaged))),
    letter: (id) =>
      guard(() => {
        const row = selectLetter.get(id) as LetterRow | undefined;
        return row === undefined ? undefined : letterOf(row, damaged);
      }),
    removeLetter: (id) =>
      change(() => {
        deleteLetter.run(id);
      }),
    letterCount: () => guard(() => countLetters.get() as number),
    damagedCount: () => guard(() => countDamaged.get() as number),
  };
}

interface LetterRow {
  readonly id: number;
  readonly at: number;
  readonly stage: DeadLetter['stage'];
  readonly code: string;
  readonly message: string;
  readonly endpoint: string | null;
  readonly event: number | null;
  readonly key: string | null;
  readonly type: string | null;
  readonly contact: string | null;
  readonly agent: string | null;
  readonly place: number | null;
  readonly kind: string | null;
  readonly source: Buffer | null;
  readonly body: Buffer;
  readonly crc: number;
}

function letterOf(
  { crc, endpoint, event, key, type, contact, agent, place, kind, source, ...row }: LetterRow,
  damaged: (what: string) => Error,
): StoredLetter {
  const letter: StoredLetter = {
    ...row,
    endpoint: endpoint ?? undefined,
    event: event ?? undefined,
    key: key ?? undefined,
    type: type ?? undefined,
    contact: contact ?? undefined,
    agent: agent ?? undefined,
    place: place ?? undefined,
    kind: kind ?? undefined,
    source: source ?? undefined,
  };
  if (crc !== letterCrc(letter)) throw damaged(`the dead letter ${row.id} is not as it was saved`);
  return letter;
}

function letterCrc({ code, key = '', body, source }: Pick<StoredLetter, 'code' | 'key' | 'body' | 'source'>): number {
  return crc32(body, crc32(source ?? '', crc32(`${code} ${key}`)));
}
