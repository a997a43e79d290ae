import { openSync, readSync } from 'node:fs';
import { EXIT, UpcastError } from '../errors.ts';

/** The code of an error that is not one of ours yet. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string' || error instanceof UpcastError) return undefined;
  return error.code;
}

/** `state-damaged` (76). */
export function damaged(path: string, cause: unknown): UpcastError {
  return new UpcastError({
    code: 'state-damaged',
    exit: EXIT.stateMismatch,
    message: 'the state file is damaged or not a state of ccc-upcast',
    place: path,
    hint: 'run the same command again; if it says this again, begin anew with --restart',
    cause,
  });
}

/**
 * True if the disk does not give a state back. SQLite tells a page that it cannot read as a damaged file (`SQLITE_IOERR_CORRUPTFS` in its
 * vdbe.c), and a state on a disk that is only out of reach must not be thrown away. Reads all of it.
 */
export function isOutOfReach(path: string): boolean {
  const buffer = Buffer.allocUnsafe(READ_SIZE);
  for (const name of [path, `${path}-wal`]) {
    try {
      // Never closed: the lock that SQLite holds on a file goes when this process closes any descriptor of it.
      const fd = openSync(name, 'r');
      for (let at = 0, read = -1; read !== 0; at += read) read = readSync(fd, buffer, 0, READ_SIZE, at);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') return true;
    }
  }
  return false;
}

const READ_SIZE = 1024 * 1024;

/** What an error of SQLite or of the system means for a state. */
export function asStateError(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (code === undefined) return error;
  const make = (reason: string, exit: UpcastError['exit'], message: string, hint: string): UpcastError =>
    new UpcastError({ code: reason, exit, message, place: path, hint, cause: error });
  if (code.startsWith('SQLITE_BUSY')) return busy(path, error);
  const unreachable = (): UpcastError =>
    make('state-io', EXIT.io, 'the state cannot be read or written', 'check the disk and run the same command again');
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT')) return isOutOfReach(path) ? unreachable() : damaged(path, error);
  if (code === 'SQLITE_FULL') return make('disk-full', EXIT.io, 'no space left for the state', 'free space and run the same command again');
  if (code.startsWith('SQLITE_IOERR') || code === 'EIO') return unreachable();
  if (code === 'ENOSPC') return make('disk-full', EXIT.io, 'no space left for the state', 'free space and run the same command again');
  if (code.startsWith('SQLITE_READONLY') || code === 'SQLITE_CANTOPEN') {
    return make('cannot-create', EXIT.cannotCreate, 'the state file cannot be written', 'name another place with --state');
  }
  return error;
}

/** `state-busy` (75). */
export function busy(path: string, cause?: unknown): UpcastError {
  return new UpcastError({
    code: 'state-busy',
    exit: EXIT.busy,
    message: 'the state is in use by another run',
    place: path,
    hint: 'wait for it, or name another file with --state',
    cause,
  });
}
