import type { CrashOptions } from '../crashes.ts';

/** Text of a built file that stands there exactly once, and what is put in its place. */
export interface Edit {
  /** Below dist/. */
  readonly file: string;
  readonly text: string;
  readonly by: string;
}

/** A bug that a tier must find. */
export interface PlantedBug {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** What shows it: a kill at any place leaves all that was written, a power cut does not. */
  readonly shownBy: Pick<CrashOptions, 'models' | 'variants'>;
  /** The kills at random moments find it, too. */
  readonly byKills: boolean;
}

const KILL = { models: ['all'], variants: [{ checkpointEvery: '8KiB' }] } as const;
const POWER_CUT = {
  models: ['ext4', 'posix', 'ext4 some', 'posix some'],
  variants: [{ checkpointEvery: '8KiB' }, { checkpointEvery: '64KiB' }],
} as const;
const COMPRESSED = { models: ['all'], variants: [{ checkpointEvery: '16KiB', gzOutput: true }] } as const;

/** Lines as the compiler writes them. */
const lines = (...texts: readonly string[]): string => texts.join('\n');

export const BUGS: readonly PlantedBug[] = [
  {
    name: 'output not flushed before the commit',
    // At the end it is flushed: what the program says is true, only what it resumes from is not.
    edits: [
      {
        file: 'sink/file.js',
        text: lines('const sync = async () => {', '        await syncAll(fd, path);'),
        by: 'const sync = async () => {',
      },
      {
        file: 'sink/file.js',
        text: lines('async finish() {', '            await sync();'),
        by: 'async finish() { await sync(); await syncAll(fd, path);',
      },
    ],
    shownBy: POWER_CUT,
    byKills: false,
  },
  {
    name: 'commit before the outputs are written',
    edits: [
      { file: 'sink/file.js', text: 'let isNamed = false;', by: 'let isNamed = false; let late = Promise.resolve();' },
      {
        file: 'sink/file.js',
        text: 'await writeAll(fd, bytes, length, at, path);',
        by: lines(
          'const [copy, where, before] = [bytes.slice(0, length), at, late];',
          'late = new Promise((r) => setTimeout(r, 20)).then(() => before).then(() => writeAll(fd, copy, length, where, path));',
        ),
      },
      {
        file: 'sink/file.js',
        text: lines('async finish() {', '            await sync();'),
        by: 'async finish() { await late; await sync();',
      },
    ],
    shownBy: KILL,
    byKills: true,
  },
  {
    // Without the cut alone nothing is wrong: what comes after the checkpoint is written again, byte for byte over what stands there.
    name: 'a longer output is not cut on resume, and gone on with at its end',
    edits: [
      { file: 'sink/file.js', text: 'ftruncateSync(fd, bytes);', by: '' },
      { file: 'sink/file.js', text: "openSync(partial, 'r+')", by: "openSync(partial, 'a+')" },
    ],
    shownBy: KILL,
    byKills: true,
  },
  {
    // The outputs have their names, and the state that says so is gone.
    name: 'synchronous=NORMAL',
    edits: [
      {
        file: 'store/sqlite.js',
        text: lines("db.pragma('synchronous = FULL');", "    if (db.pragma('synchronous', { simple: true }) !== 2) {"),
        by: "db.pragma('synchronous = NORMAL');\n    if (false) {",
      },
    ],
    shownBy: POWER_CUT,
    byKills: false,
  },
  {
    name: 'the folder is not flushed after the rename',
    edits: [
      {
        file: 'sink/file.js',
        text: lines('renameSync(partial, path);', '                syncFolder(path);'),
        by: 'renameSync(partial, path);',
      },
    ],
    shownBy: POWER_CUT,
    byKills: false,
  },
  {
    name: 'checkpoints by the clock',
    edits: [
      {
        file: 'parse/intake.js',
        text: 'if (intake.base + at < intake.nextBorder || intake.overlong !== undefined)',
        by: 'if (performance.now() < (intake.due ??= performance.now() + 5) || intake.overlong !== undefined)',
      },
      { file: 'parse/intake.js', text: 'intake.atBorder = true;', by: 'intake.atBorder = true; intake.due = undefined;' },
    ],
    shownBy: COMPRESSED,
    byKills: true,
  },
  {
    name: 'the memory of duplicates is not in the checkpoint',
    edits: [
      { file: 'pipeline/checkpoint.js', text: 'store.addSeen(seen.body, seen.expires);', by: ';' },
      {
        file: 'context/call-bytes.js',
        text: 'seen: from.list(() => from.number()),',
        by: 'seen: from.list(() => from.number()).slice(0, 0),',
      },
    ],
    shownBy: KILL,
    byKills: true,
  },
  {
    name: 'events on their way are not in the checkpoint',
    edits: [{ file: 'pipeline/checkpoint.js', text: 'saveHeld(store, slots);', by: 'saveHeld(store, []);' }],
    shownBy: KILL,
    byKills: true,
  },
];
