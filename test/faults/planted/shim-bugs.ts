import type { Edit } from './bugs.ts';

/** A bug of the live shim that the oracle must find. */
export interface ShimBug {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** What shows it: a kill leaves all that was given to the system, a power cut does not. */
  readonly by: 'kills' | 'cuts';
}

/** Lines as the compiler writes them. */
const lines = (...texts: readonly string[]): string => texts.join('\n');

export const SHIM_BUGS: readonly ShimBug[] = [
  {
    name: 'commits are not flushed (synchronous=NORMAL)',
    edits: [
      {
        file: 'store/sqlite.js',
        text: lines("db.exec('BEGIN IMMEDIATE; COMMIT');", "    db.pragma('synchronous = FULL');"),
        by: lines("db.exec('BEGIN IMMEDIATE; COMMIT');", "    db.pragma('synchronous = NORMAL');"),
      },
      { file: 'store/sqlite.js', text: "if (db.pragma('synchronous', { simple: true }) !== 2) {", by: 'if (false) {' },
    ],
    by: 'cuts',
  },
  {
    name: 'the answer is given before the commit',
    edits: [
      {
        file: 'shim/core.js',
        text: lines('                checkpoint(at);', '            store.commit();'),
        by: lines('                checkpoint(at);', '            setTimeout(() => store.isChanged && store.commit(), 25);'),
      },
    ],
    by: 'kills',
  },
  {
    name: 'an event counts as delivered when its answer was lost',
    edits: [{ file: 'deliver/client.js', text: "outcome: 'unreachable'", by: "outcome: 'delivered'" }],
    by: 'kills',
  },
];
