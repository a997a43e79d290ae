import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cleanResult, someResult, unbalancedResult } from '../report/result.ts';
import { run } from './io.ts';

let folder = '';
const before = process.cwd();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ccc-convert-'));
  process.chdir(folder);
});
afterEach(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

const done = { result: cleanResult() };

describe('where convert reads and writes', () => {
  it('with an output file puts the side files beside it', async () => {
    const { job } = await run(['convert', 'a.ndjson', 'b.ndjson', '-o', 'out.ndjson'], done);
    expect(job).toMatchObject({
      inputs: ['a.ndjson', 'b.ndjson'],
      output: 'out.ndjson',
      deadLetters: 'out.ndjson.dead-letters.ndjson',
      keepEmpty: false,
      dropped: undefined,
      provenance: { kind: 'file', path: 'out.ndjson.provenance.ndjson' },
      state: 'out.ndjson.state',
    });
  });

  it('in a pipe reads stdin and writes stdout, and leaves no files', async () => {
    const { job } = await run(['convert'], { ...done, stdinIsTTY: false });
    expect(job).toMatchObject({ inputs: ['-'], output: '-', deadLetters: undefined, provenance: { kind: 'none' }, state: undefined });
  });

  it('takes the side files that are asked for', async () => {
    const args = ['convert', 'a', '-o', '-', '--dead-letters', 'd', '--dropped', 'x', '--provenance', 'p', '--state', 's'];
    const { job } = await run(args, done);
    expect(job).toMatchObject({ deadLetters: 'd', keepEmpty: true, dropped: 'x', provenance: { kind: 'file', path: 'p' }, state: 's' });
  });

  it.each(['field', 'none'])('knows --provenance %s', async (kind) => {
    expect((await run(['convert', 'a', '-o', 'o', '--provenance', kind], done)).job?.provenance).toEqual({ kind });
  });

  it('asks for an input on a terminal', async () => {
    expect(await run(['convert', '-o', 'o'], done)).toMatchObject({
      exit: 2,
      job: undefined,
      err: expect.stringContaining('error: no input\n'),
    });
  });

  it('asks for -o on a terminal, and takes -o - there', async () => {
    const world = { ...done, stdoutIsTTY: true };
    expect(await run(['convert', 'a'], world)).toMatchObject({ exit: 2, err: expect.stringContaining('hint: give -o FILE') });
    expect((await run(['convert', 'a', '-o', '-'], world)).job?.output).toBe('-');
  });

  it.each([
    ['its input', ['convert', 'a', '-o', './a']],
    ['one file for two things', ['convert', 'a', '-o', 'o', '--dropped', 'o']],
    ['stdout for two things', ['convert', 'a', '-o', '-', '--dead-letters', '-']],
    ['its report', ['convert', 'a', '-o', 'r.txt', '--report', 'r.txt']],
    ['a stream as state', ['convert', 'a', '-o', 'o', '--state', '-']],
  ])('refuses %s', async (_, args) => {
    expect(await run(args, done)).toMatchObject({ exit: 2, job: undefined });
  });

  it('refuses a folder and a device as output, with --force too', async () => {
    expect(await run(['convert', 'a', '-o', '.', '--force'], done)).toMatchObject({ exit: 73, job: undefined });
    expect(await run(['convert', 'a', '-o', '/dev/null', '--force'], done)).toMatchObject({ exit: 73, job: undefined });
  });
});

describe('what convert is set to', () => {
  it('takes the waits of the mapping, and flags over them', async () => {
    const { job } = await run(['convert', 'a', '-o', 'o', '--hold', '9s'], done);
    expect(job).toMatchObject({ lateness: 5000, hold: 9000, idle: 86_400_000, retention: 93_600_000, maxJump: 3_600_000 });
    expect(job?.mapping.name).toBe('ccc-2.0');
  });

  it('takes a number of lanes; without one the run decides', async () => {
    expect((await run(['convert', 'a', '-o', 'o', '--lanes', '3'], done)).job?.lanes).toBe(3);
    expect((await run(['convert', 'a', '-o', 'o'], done)).job?.lanes).toBeUndefined();
  });

  it.each([
    ['no lane at all', ['--lanes', '0'], 'expected 1 to 64, got 0'],
    ['too many', ['--lanes', '65'], 'expected 1 to 64, got 65'],
    ['several where the first bad record ends the run', ['--lanes', '2', '--strict'], 'with strict there is one lane, got 2'],
    ['several where so many records are taken', ['--lanes', '2', '--limit', '9'], 'with limit there is one lane, got 2'],
    ['several where the run stays open', ['--lanes', '2', '--keep-open'], 'with keep-open there is one lane, got 2'],
    ['several for a capture', ['--lanes', '2', '--as-received'], 'with as-received there is one lane, got 2'],
  ])('refuses %s', async (_, flags, message) => {
    const ended = await run(['convert', 'a', '-o', 'o', ...flags], done);
    expect(ended).toMatchObject({ exit: 2, job: undefined, err: expect.stringContaining(message) });
  });

  it('refuses several lanes for standard input, and takes one', async () => {
    const ended = await run(['convert', '-', '-o', 'o', '--lanes', '2'], { ...done, stdinIsTTY: false });
    expect(ended).toMatchObject({ exit: 2, err: expect.stringContaining('standard input is read in one lane') });
    expect((await run(['convert', '-', '-o', 'o', '--lanes', '1'], { ...done, stdinIsTTY: false })).job?.lanes).toBe(1);
  });

  it('reads the id table', async () => {
    writeFileSync('ids.csv', 'kind,legacy,current\nagent,ann@old,ann@acme\n');
    expect((await run(['convert', 'a', '-o', 'o', '--ids', 'ids.csv'], done)).job?.ids.find('agent', 'ann@old')).toBe('ann@acme');
  });

  it.each([
    [['--ids', 'none.csv'], 66],
    [['--mapping', 'none'], 78],
    [['--time-zone', 'Mars/Olympus'], 2],
    [['--event-at', 'message'], 2],
    [['--max-line', '1GiB'], 2],
    [['--limit', '0'], 2],
    [['--report', 'r.xml'], 2],
    [['--report', 'r'], 2],
    [['--output', ''], 2],
  ])('%j ends with %d before anything is written', async (flags, exit) => {
    expect(await run(['convert', 'a', '-o', 'o', ...flags], done)).toMatchObject({ exit, job: undefined });
    expect(readdirSync('.')).toEqual([]);
  });

  it('a time zone from a file that is none ends with 78', async () => {
    writeFileSync('ccc-upcast.yaml', 'time-zone: Mars/Olympus\n');
    expect(await run(['convert', 'a', '-o', 'o'], done)).toMatchObject({
      exit: 78,
      err: expect.stringContaining('(ccc-upcast.yaml:1:12)'),
    });
  });
});

describe('the end of convert', () => {
  const args = ['convert', 'a', '-o', 'out.ndjson'];

  it('is a short summary on stderr, nothing on stdout', async () => {
    const { err, out, exit } = await run(args, { result: someResult() });
    expect([exit, out]).toEqual([3, '']);
    expect(err).toContain('in    1,204 events, 1.0 MiB, in 2.0 s (602/s)\n');
    expect(err).toContain('out   1,205 events: 1,198 translated, 7 synthesized\n');
    expect(err).toContain('books balance\n');
    expect(err).toContain('warning: a.ndjson begins before b.ndjson.gz ends\n');
  });

  it('is silent with -q', async () => {
    expect(await run([...args, '-q'], { result: someResult() })).toMatchObject({ exit: 3, err: '', out: '' });
  });

  it('says that dead letters were not kept when nobody asked for them', async () => {
    const { err } = await run(['convert', 'a', '-o', '-'], { result: someResult() });
    expect(err).toContain('warning: 1 dead letter was counted but not kept: give --dead-letters FILE');
    expect((await run(args, { result: someResult() })).err).not.toContain('not kept');
  });

  it('with books that do not balance is 4', async () => {
    expect(await run(args, { result: unbalancedResult() })).toMatchObject({
      exit: 4,
      err: expect.stringContaining('books DO NOT BALANCE'),
    });
  });

  it('writes the report as its name says', async () => {
    await run([...args, '--report', 'r.txt'], { result: someResult() });
    expect(readFileSync('r.txt', 'utf8')).toContain('The books balance.');
    await run([...args, '--report', 'r.json'], { result: someResult() });
    expect(JSON.parse(readFileSync('r.json', 'utf8'))).toMatchObject({ format: 1, balanced: true });
  });

  it('keeps an existing report, unless --force', async () => {
    writeFileSync('r.txt', 'old');
    expect(await run([...args, '--report', 'r.txt'], done)).toMatchObject({ exit: 73, job: undefined });
    expect(readFileSync('r.txt', 'utf8')).toBe('old');
    expect((await run([...args, '--report', 'r.txt', '--force'], done)).exit).toBe(0);
    expect(readFileSync('r.txt', 'utf8')).not.toBe('old');
  });

  it('of a run that failed leaves no report', async () => {
    await run([...args, '--report', 'r.txt'], { fail: new Error('oops') });
    expect(existsSync('r.txt') || existsSync('r.txt.partial')).toBe(false);
  });
});
