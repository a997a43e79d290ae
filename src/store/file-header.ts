import { closeSync, openSync, readSync } from 'node:fs';
import { EXIT, UpcastError } from '../errors.ts';

/** `PRAGMA application_id` of our state files: "CCCU". */
export const APPLICATION_ID: number = 0x43434355;
/** `PRAGMA user_version`: the schema of the state file, and the form of the calls in it. */
export const SCHEMA_VERSION: number = 3;

/** True for a file that is a state by its header. */
export function isOurs(path: string): boolean {
  const header = readHeader(path);
  return header.length === HEADER && header.toString('latin1', 0, 16) === MAGIC && header.readUInt32BE(68) === APPLICATION_ID;
}

const HEADER = 100;
const MAGIC = 'SQLite format 3\0';

function readHeader(path: string): Buffer {
  const header = Buffer.alloc(HEADER);
  const fd = openSync(path, 'r');
  try {
    return header.subarray(0, readSync(fd, header, 0, HEADER, 0));
  } finally {
    closeSync(fd);
  }
}

/**
 * Looks at the file's header only: a file that is not ours is not touched, not even opened. Errors (76): `state-not-ours`, `state-older`,
 * `state-newer`, `state-damaged`.
 */
export function refuseStrangers(path: string): void {
  const header = readHeader(path);
  if (header.length === 0) return;
  const refuse = (code: string, message: string, hint: string): never => {
    throw new UpcastError({ code, exit: EXIT.stateMismatch, message, place: path, hint });
  };
  if (header.length < HEADER || header.toString('latin1', 0, 16) !== MAGIC) {
    refuse(
      'state-damaged',
      'the state file is damaged or not a state of ccc-upcast',
      'remove it and begin anew, or name another file with --state',
    );
  }
  // Offsets of the header: https://www.sqlite.org/fileformat.html#the_database_header
  if (header.readUInt32BE(68) !== APPLICATION_ID) {
    refuse('state-not-ours', 'this file is not a state of ccc-upcast', 'name another file with --state');
  }
  const version = header.readUInt32BE(60);
  if (version < SCHEMA_VERSION) {
    refuse(
      'state-older',
      `the state was written by an older program (schema ${version}, this one knows ${SCHEMA_VERSION})`,
      'finish the job with that program, or begin anew with --restart',
    );
  }
  if (version > SCHEMA_VERSION) {
    refuse(
      'state-newer',
      `the state was written by a newer program (schema ${version}, this one knows ${SCHEMA_VERSION})`,
      'use the newer program',
    );
  }
}
