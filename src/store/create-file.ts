import { closeSync, existsSync, fsyncSync, linkSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { EXIT, UpcastError } from '../errors.ts';

/**
 * Makes the file of a state, if there is none: it is filled under another name and gets its own when it is whole, so that whatever stops
 * this leaves a state or nothing. Of several processes one wins; the others find its file. `fill` is given the path of an empty file.
 * Errors: `cannot-create` (73), `state-io` (74), `state-damaged` (76).
 */
export function createFile(path: string, fill: (path: string) => void): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined) {
    if (!found.isFile()) throw cannotCreate(path, 'the state must be a regular file', undefined);
    if (found.size > 0) return;
    rmSync(path, { force: true });
  }
  refuseRemains(path);
  const made = `${path}.new-${process.pid}`;
  try {
    removeDatabase(made);
    // Before SQLite makes it, so that it and its -wal are readable by their owner alone.
    closeSync(openSync(made, 'wx', 0o600));
  } catch (cause) {
    throw cannotCreate(path, 'cannot create the state file', cause);
  }
  try {
    fill(made);
    publish(made, path);
  } catch (error) {
    // Another process was quicker and has cleared up what was being made here.
    if (!existsSync(path) || existsSync(made)) throw error;
  } finally {
    removeDatabase(made);
  }
}

/**
 * What SQLite kept beside a state that is gone would be taken for a part of the new one. It is not removed here: it might belong to a state
 * that another process is making at this moment.
 */
function refuseRemains(path: string): void {
  const remains = [`${path}-wal`, `${path}-journal`].find((name) => existsSync(name));
  if (remains === undefined || existsSync(path)) return;
  throw new UpcastError({
    code: 'state-damaged',
    exit: EXIT.stateMismatch,
    message: 'the state file is gone, but what belongs to it is still there',
    place: remains,
    hint: 'bring the state file back, or begin anew with --restart',
  });
}

/** Takes away what processes left that were stopped while they made this state. Only for who holds the state. */
export function removeLeftovers(path: string): void {
  const prefix = `${basename(path)}.new-`;
  for (const name of readdirSync(dirname(path))) if (name.startsWith(prefix)) rmSync(join(dirname(path), name), { force: true });
}

/** Removes a database and what SQLite keeps beside it; the file itself last, so that nothing is left beside a file that is gone. */
export function removeDatabase(path: string): void {
  for (const suffix of ['-wal', '-shm', '-journal', '']) rmSync(`${path}${suffix}`, { force: true });
}

/** Gives a file its name unless somebody else has it by now. */
function publish(made: string, path: string): void {
  try {
    flushPath(made);
    linkSync(made, path);
    flushPath(dirname(path));
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    // Another process was quicker, or is in possession already and has cleared up.
    if (code === 'EEXIST' || code === 'ENOENT') return;
    throw new UpcastError({
      code: 'state-io',
      exit: EXIT.io,
      message: 'the state file cannot be written',
      place: path,
      hint: 'check the disk and run the same command again',
      cause,
    });
  }
}

/** Makes a file, or the names in a folder, durable. */
export function flushPath(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function cannotCreate(path: string, message: string, cause: unknown): UpcastError {
  return new UpcastError({
    code: 'cannot-create',
    exit: EXIT.cannotCreate,
    message,
    place: path,
    hint: 'name another place with --state',
    cause,
  });
}
