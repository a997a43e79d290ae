import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { asStateError } from '../../src/store/state-errors.ts';

/** What SQLite says is put into words that lose nobody's work. */

const malformed = (): Error => Object.assign(new Error('database disk image is malformed'), { code: 'SQLITE_CORRUPT' });

it('a state whose file can be read is damaged where SQLite says so', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ccc-state-errors-'));
  try {
    const path = join(folder, 'state');
    writeFileSync(path, Buffer.alloc(3_000_000, 1));
    expect(asStateError(malformed(), path)).toMatchObject({ code: 'state-damaged', exit: 76, place: path });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

// Its first page cannot be read (EIO), as of any file on a disk that is gone.
it.runIf(process.platform === 'linux')(
  'a state that the disk does not give back is not called damaged: the work in it may be whole',
  () => {
    expect(asStateError(malformed(), '/proc/self/mem')).toMatchObject({ code: 'state-io', exit: 74 });
  },
);
