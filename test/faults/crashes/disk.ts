import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Change, FileId } from './log.ts';

/** What a folder holds: bytes by file name. */
export type Disk = ReadonlyMap<string, Buffer>;

/** Reads a folder; it has no folders in it. */
export function readDisk(folder: string): Disk {
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
}

/** Makes a folder hold exactly this; modes as the program sets them. */
export function writeDisk(folder: string, disk: Disk): void {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
  for (const [name, bytes] of disk) writeFileSync(join(folder, name), bytes, { mode: 0o600 });
}

/** Tells one disk from another. */
export function hashDisk(disk: Disk): string {
  const hash = createHash('sha256');
  for (const [name, bytes] of [...disk].sort(([a], [b]) => (a < b ? -1 : 1))) hash.update(`${name}\0${bytes.length}\0`).update(bytes);
  return hash.digest('base64');
}

/** Names of files that differ between two disks. */
export function diskDifferences(a: Disk, b: Disk): string[] {
  const names = new Set([...a.keys(), ...b.keys()]);
  return [...names].filter(
    (name) => !(a.get(name) ?? Buffer.alloc(0)).equals(b.get(name) ?? Buffer.alloc(0)) || a.has(name) !== b.has(name),
  );
}

/** The numbers that the files of a disk have in a log that begins with it. */
export function numberFiles(disk: Disk): Map<string, FileId> {
  return new Map([...disk.keys()].map((name, index) => [name, index + 1]));
}

/** The disk after these changes, in this order. */
export function applyChanges(base: Disk, changes: Iterable<Change>): Disk {
  const names = numberFiles(base);
  const files = new Map<FileId, Content>();
  for (const [name, file] of names) files.set(file, contentOf(base.get(name) ?? Buffer.alloc(0)));
  const content = (file: FileId): Content => {
    const found = files.get(file) ?? contentOf(Buffer.alloc(0));
    files.set(file, found);
    return found;
  };
  for (const change of changes) {
    if (change.kind === 'data') put(content(change.file), change.offset, change.bytes);
    else if (change.kind === 'size') resize(content(change.file), change.length);
    else if (change.kind === 'names') {
      for (const [name, file] of change.entries) {
        if (file === undefined) names.delete(name);
        else names.set(name, file);
      }
    }
  }
  return new Map([...names].map(([name, file]) => [name, bytesOf(content(file))]));
}

/** A file that grows: room is taken in advance, and all of it beyond the length is zero. */
interface Content {
  room: Buffer;
  length: number;
}

function contentOf(bytes: Buffer): Content {
  return { room: Buffer.from(bytes), length: bytes.length };
}

function bytesOf({ room, length }: Content): Buffer {
  return room.subarray(0, length);
}

function put(content: Content, offset: number, bytes: Buffer): void {
  const end = offset + bytes.length;
  if (end > content.length) resize(content, end);
  bytes.copy(content.room, offset);
}

function resize(content: Content, length: number): void {
  if (length < content.length) content.room.fill(0, length, content.length);
  if (length > content.room.length) {
    const room = Buffer.alloc(Math.max(length, content.room.length * 2));
    content.room.copy(room);
    content.room = room;
  }
  content.length = length;
}
