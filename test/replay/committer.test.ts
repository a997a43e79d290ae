import { expect, it } from 'vitest';
import { createCommitter } from '../../src/replay/committer.ts';
import type { ReplayFiles } from '../../src/replay/files.ts';
import { NOTHING_READ } from '../../src/replay/result.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { createMemoryLedger } from '../../src/store/memory-ledger.ts';
import { EVERYTHING } from './support.ts';

it('lines that could not be moved are not moved again by the same run, which would write them twice', async () => {
  let [moves, commits] = [0, 0];
  const commit = (): void => {
    commits += 1;
  };
  const store = { ...createMemoryStore(), ledger: createMemoryLedger(), commit };
  const files = {
    get waiting() {
      return moves < 3 ? 1 : 0;
    },
    ends: {},
    forget() {},
    async finish() {},
    async move() {
      moves += 1;
      if (moves === 1) throw new Error('ENOSPC');
      return {};
    },
  } as unknown as ReplayFiles;
  const counts = { delivered: 0, failed: 0, attempts: 0, retries: 0 };
  const saved = {
    progress: { high: 0, pending: [], counts },
    shift: undefined,
    selection: EVERYTHING,
    read: NOTHING_READ,
    fed: { events: 0, crc32: 0 },
    at: 0,
  };
  const committer = createCommitter({ store, files, saved: () => saved, failed() {}, concurrency: 8 });
  await expect(committer.moveLines()).rejects.toThrow('ENOSPC');
  await committer.moveLines();
  await committer.kept();
  await committer.finish();
  expect({ moves, commits }).toEqual({ moves: 1, commits: 0 });
});
