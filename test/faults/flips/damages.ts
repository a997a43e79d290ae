import { appendFileSync, closeSync, openSync, readSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { Random } from '../../../bench/generate/random.ts';

/** Gives the path of a file of the job. */
export type At = (name: string) => string;

/** One way to damage a stopped job. */
export interface Damage {
  readonly name: string;
  /** What it is done to: a state with its -wal folded in, or one as a kill leaves it. */
  readonly to: 'folded' | 'killed';
  readonly apply?: (at: At, random: Random) => void;
  /** Further arguments of the run that resumes. */
  readonly extra?: readonly string[];
  /** Ends that are right; `done` is always with the right bytes. */
  readonly ends: readonly ('done' | 65 | 76)[];
  /** After a refusal, --restart must bring the right bytes. */
  readonly restart: boolean;
}

const PAGE = 4096;
const STATE = 'state';
const WAL = 'state-wal';
/** One flip in so many goes into the -wal. */
const WAL_EVERY = 5;
/** One refusal of a flip in so many is followed by --restart. */
const RESTART_EVERY = 20;
const ANY = ['done', 65, 76] as const;

/** Single bits: page after page, at random places in them. */
export function bitFlips(count: number): Damage[] {
  return Array.from({ length: count }, (_, number): Damage => {
    const inWal = number % WAL_EVERY === WAL_EVERY - 1;
    const name = inWal ? WAL : STATE;
    const turn = inWal ? Math.floor(number / WAL_EVERY) : number - Math.floor(number / WAL_EVERY);
    return {
      name: `flip ${number} in ${name}`,
      to: inWal ? 'killed' : 'folded',
      apply: (at, random) => flipBit(at(name), turn, random),
      ends: ANY,
      restart: number % RESTART_EVERY === 0,
    };
  });
}

function flipBit(path: string, turn: number, random: Random): void {
  const { size } = statSync(path);
  const page = (turn % Math.ceil(size / PAGE)) * PAGE;
  const offset = random.int(page, Math.min(page + PAGE, size) - 1);
  const byte = Buffer.alloc(1);
  const fd = openSync(path, 'r+');
  readSync(fd, byte, 0, 1, offset);
  byte.writeUInt8(byte.readUInt8(0) ^ (1 << random.int(0, 7)));
  writeSync(fd, byte, 0, 1, offset);
  closeSync(fd);
}

/** Damages of a kind of their own. */
export function namedDamages(): Damage[] {
  return [
    { name: 'nothing, -wal folded', to: 'folded', ends: ['done'], restart: false },
    { name: 'nothing, as killed', to: 'killed', ends: ['done'], restart: false },
    ...cuts('folded', STATE, [0, 1, 99, 100, PAGE, -PAGE, -1]),
    ...cuts('killed', STATE, [0, 100, PAGE, -1]),
    ...cuts('killed', WAL, [0, 1, 32, -1, ...Array.from({ length: 12 }, () => undefined)]),
    ...replaced('folded', STATE),
    ...replaced('killed', WAL),
    { name: 'a foreign database', to: 'folded', apply: (at) => putForeign(at(STATE)), ends: [76], restart: false },
    { name: 'no state', to: 'folded', apply: (at) => rmSync(at(STATE)), ends: ANY, restart: true },
    { name: 'no state, its -wal left', to: 'killed', apply: (at) => rmSync(at(STATE)), ends: ANY, restart: true },
    { name: 'no -wal', to: 'killed', apply: (at) => rmSync(at(WAL)), ends: ANY, restart: true },
    { name: 'another option', to: 'killed', extra: ['--hold', '77s'], ends: [76], restart: false },
    ...['out.ndjson.partial', 'provenance.ndjson.partial', 'dead-letters.ndjson.partial', 'dropped.ndjson.partial'].flatMap(ofOutput),
  ];
}

/** Files cut short: to so many bytes, by so many if negative, at a random place if undefined. */
function cuts(to: Damage['to'], name: string, lengths: readonly (number | undefined)[]): Damage[] {
  return lengths.map((length, index) => ({
    name: `${name} (${to}) cut, ${length ?? `random ${index}`}`,
    to,
    apply: (at, random) => {
      const { size } = statSync(at(name));
      truncateSync(at(name), length === undefined ? random.int(0, size) : Math.max(0, length < 0 ? size + length : length));
    },
    ends: ANY,
    restart: true,
  }));
}

function replaced(to: Damage['to'], name: string): Damage[] {
  const with_ = (what: string, content: (size: number, random: Random) => Buffer | string): Damage => ({
    name: `${name} full of ${what}`,
    to,
    apply: (at, random) => writeFileSync(at(name), content(statSync(at(name)).size, random)),
    ends: ANY,
    restart: true,
  });
  return [
    with_('zeros', (size) => Buffer.alloc(size)),
    with_('noise', (size, random) => Buffer.from(Array.from({ length: size }, () => random.int(0, 255)))),
    with_('text', () => 'hello\n'.repeat(100)),
  ];
}

function putForeign(path: string): void {
  rmSync(path);
  const db = new Database(path);
  db.exec('CREATE TABLE t (a); INSERT INTO t VALUES (1)');
  db.close();
}

/** The unfinished outputs: shorter than the checkpoint says is damage, longer is what a crash leaves. */
function ofOutput(name: string): Damage[] {
  return [
    { name: `${name} cut to 0`, to: 'killed', apply: (at) => truncateSync(at(name), 0), ends: [65], restart: true },
    { name: `no ${name}`, to: 'killed', apply: (at) => rmSync(at(name)), ends: [65], restart: true },
    { name: `${name} altered`, to: 'killed', apply: (at) => overwrite(at(name)), ends: [65], restart: true },
    { name: `${name} longer`, to: 'killed', apply: (at) => appendFileSync(at(name), '{"half":'), ends: ['done'], restart: false },
  ];
}

function overwrite(path: string): void {
  const fd = openSync(path, 'r+');
  writeSync(fd, '#', 10);
  closeSync(fd);
}
