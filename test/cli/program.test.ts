import { describe, expect, it } from 'vitest';
import { EXAMPLES, splitUsageError } from '../../src/cli/help.ts';
import { optionsOf } from '../../src/cli/options.ts';
import { EXIT, UpcastError } from '../../src/errors.ts';
import { cleanResult } from '../report/result.ts';
import { run } from './io.ts';

const LEVELS: readonly (readonly string[])[] = [
  [],
  ['--help'],
  ['-h'],
  ['help'],
  ['convert', '--help'],
  ['help', 'convert'],
  ['check', '--help'],
  ['config'],
  ['config', '--help'],
  ['config', 'show', '--help'],
];

describe('help', () => {
  it.each(LEVELS.map((args) => [args.join(' ')]))(
    'of "ccc-upcast %s" goes to stdout, shows examples before options, and exits 0',
    async (line) => {
      const { out, err, exit } = await run(line.split(' ').filter((word) => word !== ''));
      expect([exit, err]).toEqual([0, '']);
      expect(out.indexOf('Examples:')).toBeGreaterThan(0);
      expect(out.indexOf('Examples:')).toBeLessThan(out.indexOf('Options:'));
    },
  );

  it('of convert names every option with its default', async () => {
    const { out } = await run(['convert', '--help']);
    for (const option of optionsOf('convert')) expect(out).toContain(`--${option.name}`);
    expect(out.replace(/\s+/g, ' ')).toContain('zone of times that name none (default: Asia/Shanghai)');
  });

  it('shows only examples that the program understands', async () => {
    const lines = Object.values(EXAMPLES)
      .flat()
      .filter((line) => !line.startsWith('#'));
    for (const line of lines) {
      const words = line
        .replace(/^.*ccc-upcast /, '')
        .replace(/ \|.*$/, '')
        .replaceAll("'", '')
        .split(' ');
      const { err } = await run([...words, '--help']);
      expect(err).toBe('');
    }
  });

  it('prints the version', async () => {
    expect((await run(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('an unknown word', () => {
  it.each([
    [['convrt'], 'error: unknown command "convrt"\nhint: did you mean "convert"?\n'],
    [['convert', '--latenes', '5s'], 'error: unknown option "--latenes"\nhint: did you mean "--lateness"?\n'],
    [['config', 'shwo'], 'error: unknown command "shwo"\nhint: did you mean "show"?\n'],
    [['zzzzzz'], 'error: unknown command "zzzzzz"\nhint: see --help\n'],
    [['check', 'a', 'b'], 'error: one mapping is checked at a time, got 2\nhint: inputs are read with --diff OTHER only\n'],
    [['convert', '--ids'], `error: option "--ids <FILE>" argument missing\nhint: see --help\n`],
  ])('%j names the nearest and exits 2', async (args, text) => {
    expect(await run(args)).toMatchObject({ exit: 2, err: text, out: '' });
  });

  it('with several near ones names them all', () => {
    expect(splitUsageError("error: unknown option '--x'\n(Did you mean one of --xa, --xb?)").hint).toBe('did you mean "--xa", "--xb"?');
  });

  it('as a value names what was expected', async () => {
    const { err, exit } = await run(['convert', 'x', '--dup-keys', 'lst']);
    expect([exit, err]).toEqual([2, 'error: dup-keys: expected one of refuse, last, got "lst"\nhint: did you mean "last"?\n']);
  });
});

describe('an error', () => {
  const args = ['convert', 'a.ndjson', '-o', 'out.ndjson'];

  it('says what, where and what to do, and ends with its exit code', async () => {
    const fail = new UpcastError({ code: 'x', exit: EXIT.io, message: 'the disk is full', place: 'out.ndjson', hint: 'make room' });
    expect(await run(args, { fail })).toMatchObject({ exit: 74, err: 'error: the disk is full (out.ndjson)\nhint: make room\n' });
  });

  it('that nobody expected is one line and exit 1; its stack comes with --verbose', async () => {
    const fail = new Error('oops\nmore');
    const short = await run(args, { fail });
    expect([short.exit, short.err.split('\n')[0]]).toEqual([1, 'error: unexpected: oops']);
    expect(short.err).not.toContain(' at ');
    const long = await run([...args, '--verbose'], { fail });
    expect(long.err).toMatch(/\n +at /);
  });

  it('of the system is put into words', async () => {
    const fail = Object.assign(new Error('write'), { code: 'ENOSPC' });
    expect(await run(args, { fail })).toMatchObject({ exit: 74, err: 'error: the disk is full (ENOSPC)\n' });
  });

  it('of a reader that went away is none', async () => {
    const fail = Object.assign(new Error('write'), { code: 'EPIPE' });
    expect(await run(args, { fail })).toMatchObject({ exit: 0, err: '' });
  });
});

describe('colours', () => {
  const red = '\u001b[31m';
  it.each([
    ['none where no person looks', [], {}, false],
    ['by --color always', ['--color', 'always'], { NO_COLOR: '1' }, true],
    ['by FORCE_COLOR', [], { FORCE_COLOR: '1' }, true],
    ['not by FORCE_COLOR=0', [], { FORCE_COLOR: '0' }, false],
    ['not with NO_COLOR', [], { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    ['not by --color=never', ['--color=never'], { FORCE_COLOR: '1' }, false],
    ['by CCC_UPCAST_COLOR', [], { CCC_UPCAST_COLOR: 'always' }, true],
  ] as const)('%s', async (_, flags, env, isRed) => {
    const { err } = await run(['convert', 'x', '-o', 'y', '--lateness', '5', ...flags], { env, result: cleanResult() });
    expect(err.includes(red)).toBe(isRed);
  });
});
