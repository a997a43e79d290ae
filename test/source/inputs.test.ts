import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inputError } from '../../src/source/input-error.ts';
import { expandInputs } from '../../src/source/inputs.ts';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ccc-inputs-'));
  await mkdir(join(folder, 'sub'));
  for (const name of ['b.ndjson', 'a.ndjson', 'B.ndjson', 'ä.ndjson', '10.ndjson', '9.ndjson', '[x].ndjson', 'sub/c.ndjson', 'other.txt']) {
    await writeFile(join(folder, name), `{"name":"${name}"}\n`);
  }
  await writeFile(join(folder, 'big'), Buffer.alloc(700_000, 'x'));
});

afterAll(() => rm(folder, { recursive: true }));

async function contents(chunks: AsyncIterable<Uint8Array> | readonly Uint8Array[]): Promise<string> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all).toString();
}

async function namesOf(...args: string[]): Promise<string[]> {
  return (await expandInputs(args.map((arg) => join(folder, arg)))).map(({ name }) => name.slice(folder.length + 1));
}

describe('expandInputs', () => {
  test('files keep their order and know their size', async () => {
    const inputs = await expandInputs([join(folder, 'b.ndjson'), join(folder, 'a.ndjson')]);
    expect(inputs.map(({ size }) => size)).toEqual([20, 20]);
    expect(inputs[0]?.name.endsWith('b.ndjson')).toBe(true);
  });

  test('a pattern gives its files by code units, whatever the locale', async () => {
    expect(await namesOf('*.ndjson')).toEqual(['10.ndjson', '9.ndjson', 'B.ndjson', '[x].ndjson', 'a.ndjson', 'b.ndjson', 'ä.ndjson']);
    expect(await namesOf('**/*.ndjson')).toContain('sub/c.ndjson');
    expect(await namesOf('{b,a}.ndjson')).toEqual(['a.ndjson', 'b.ndjson']);
  });

  test('a file whose name has pattern signs is itself', async () => {
    expect(await namesOf('[x].ndjson')).toEqual(['[x].ndjson']);
  });

  test('a relative pattern gives relative names', async () => {
    const inputs = await expandInputs(['src/source/inputs.t?']);
    expect(inputs.map(({ name }) => name)).toEqual(['src/source/inputs.ts']);
  });

  test.each([
    ['missing.ndjson', 'no-input', 66],
    ['*.missing', 'no-input', 66],
    ['sub', 'input-is-directory', 66],
    ['a.ndjson/x', 'no-input', 66],
  ])('%s is refused as %s', async (name, code, exit) => {
    await expect(expandInputs([join(folder, name)])).rejects.toMatchObject({ code, exit, message: expect.stringContaining(name) });
  });

  test.skipIf(process.getuid?.() === 0)('a file that may not be read is refused', async () => {
    const path = join(folder, 'secret');
    await writeFile(path, 'x');
    await chmod(path, 0);
    await expect(expandInputs([path])).rejects.toMatchObject({ code: 'input-permission', exit: 77 });
  });

  test.each([
    ['EACCES', 77],
    ['EPERM', 77],
    ['ENOENT', 66],
    ['EIO', 74],
    ['EMFILE', 74],
  ])('%s ends with exit code %i', (code, exit) => {
    expect(inputError('x', Object.assign(new Error('no'), { code }))).toMatchObject({ exit, place: 'x' });
  });

  test('a file that goes away before it is opened is named', async () => {
    const path = join(folder, 'gone');
    await writeFile(path, 'x');
    const [input] = await expandInputs([path]);
    await rm(path);
    await expect(contents(input?.open() ?? [])).rejects.toMatchObject({ code: 'no-input', exit: 66 });
  });

  test('a file is read from an offset', async () => {
    const [input] = await expandInputs([join(folder, 'big')]);
    expect((await contents(input?.open() ?? [])).length).toBe(700_000);
    expect((await contents(input?.open(699_990) ?? [])).length).toBe(10);
    expect((await contents(input?.open(700_000) ?? [])).length).toBe(0);
  });

  test('who stops early closes the file', async () => {
    const [input] = await expandInputs([join(folder, 'big')]);
    for await (const chunk of input?.open() ?? []) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
  });

  test('a device is read as a stream', async () => {
    const [input] = await expandInputs(['/dev/null']);
    expect(input?.size).toBeUndefined();
    expect(await contents(input?.open(5) ?? [])).toBe('');
  });

  test('- is standard input, once, and an offset in it is read past', async () => {
    async function* stdin() {
      yield Buffer.from('hello');
      yield Buffer.from(' world');
    }
    const [input] = await expandInputs(['-'], stdin());
    expect(input).toMatchObject({ name: '-', size: undefined });
    expect(await contents(input?.open(3) ?? [])).toBe('lo world');
    await expect(expandInputs(['-', '-'])).rejects.toMatchObject({ code: 'stdin-twice', exit: 2 });
  });
});
