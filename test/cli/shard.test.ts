import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runConvert } from '../../src/pipeline/run.ts';
import { hardLog } from '../pipeline/hard-log.ts';
import { jobIn, put } from '../pipeline/jobs.ts';
import { cleanResult } from '../report/result.ts';
import { run } from './io.ts';

let folder = '';
const before = process.cwd();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ccc-shard-'));
  process.chdir(folder);
});
afterEach(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

const done = { result: cleanResult() };

describe('convert --shard', () => {
  it('takes I/N, counted from 1, as a flag or from the environment of a batch job', async () => {
    expect((await run(['convert', 'a', '-o', 'o', '--shard', '2/4'], done)).job?.shard).toEqual({ index: 1, count: 4 });
    expect((await run(['convert', 'a', '-o', 'o'], { ...done, env: { CCC_UPCAST_SHARD: '4/4' } })).job?.shard).toEqual({
      index: 3,
      count: 4,
    });
    expect((await run(['convert', 'a', '-o', 'o'], done)).job?.shard).toBeUndefined();
  });

  it.each([
    [['--shard', '0/4'], 'expected I/N with I from 1 to N'],
    [['--shard', '5/4'], 'expected I/N with I from 1 to N'],
    [['--shard', 'two'], 'expected I/N with I from 1 to N'],
    [['--shard', '1/2', '--strict'], 'cannot be converted with strict'],
    [['--shard', '1/2', '--limit', '5'], 'cannot be converted with limit'],
    [['--shard', '1/2', '--lanes', '2'], 'in one lane'],
  ])('%j is refused', async (flags, message) => {
    expect(await run(['convert', 'a', '-o', 'o', ...flags], done)).toMatchObject({ exit: 2, err: expect.stringContaining(message) });
  });

  it('needs an output file, beside which stands what belongs where', async () => {
    expect(await run(['convert', 'a', '-o', '-', '--shard', '1/2'], done)).toMatchObject({
      exit: 2,
      err: expect.stringContaining('-o FILE'),
    });
  });
});

describe('merge', () => {
  it('writes the bytes of one run, tells the books, and what is missing by name', async () => {
    const { lines, ids } = hardLog({ seed: 'a', late: [0], without: [] });
    const input = put(folder, 'log', `${lines.join('\n')}\n`);
    const side = (name: string) => ({
      deadLetters: `${name}.dead`,
      dropped: undefined,
      provenance: { kind: 'file', path: `${name}.prov` } as const,
    });
    await runConvert(await jobIn(folder, [input], { ids, ...side('one'), output: 'one', state: 'one.state' }));
    for (const index of [0, 1]) {
      const name = `part-${index + 1}`;
      await runConvert(
        await jobIn(folder, [input], { ids, ...side(name), output: name, state: `${name}.state`, shard: { index, count: 2 } }),
      );
    }
    const lacking = await run(['merge', 'part-2', '-o', 'all']);
    expect(lacking).toMatchObject({ exit: 2, err: expect.stringContaining('of 2 shards there is one missing: 1/2') });
    expect(existsSync('all.partial')).toBe(false);
    const page = await run(['merge', 'part-1', 'part-2', '-o', 'all', '--report', 'all.html']);
    expect(page).toMatchObject({ exit: 2, err: expect.stringContaining('.txt or .json') });
    const { exit, err } = await run(['merge', 'part-2.places', 'part-1', '-o', 'all', '--report', 'all.json']);
    expect(exit).toBe(3);
    expect(err).toContain('books balance');
    expect(readFileSync('all', 'utf8')).toBe(readFileSync('one', 'utf8'));
    expect(readFileSync('all.provenance.ndjson', 'utf8')).toBe(readFileSync('one.prov', 'utf8'));
    expect(readFileSync('all.dead-letters.ndjson', 'utf8')).toBe(readFileSync('one.dead', 'utf8'));
    expect(JSON.parse(readFileSync('all.json', 'utf8'))).toMatchObject({ balanced: true });
    expect(await run(['merge', 'part-1', 'part-2', '-o', 'all'])).toMatchObject({ exit: 73, err: expect.stringContaining('--force') });
  });
});
