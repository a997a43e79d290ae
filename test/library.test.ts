import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Books, ConvertJob, Outcome, Output, RunResult, Translator, TranslatorOptions } from 'ccc-upcast';
import * as library from 'ccc-upcast';
import { afterAll, describe, expect, expectTypeOf, it } from 'vitest';
import { generatedExample, projectFile, ROOT } from './support/example.ts';

const folder = mkdtempSync(join(tmpdir(), 'ccc-library-'));
afterAll(() => rmSync(folder, { recursive: true }));

const made = generatedExample();
const ids = library.createIdTable(library.parseIdTable(made.ids, 'ids.csv'));

/** Translates the example through the package, as a user's program would. */
async function translateExample(options: Partial<TranslatorOptions> = {}): Promise<{ translator: Translator; outputs: Output[] }> {
  const translator = library.createTranslator({ mapping: await library.loadMapping('ccc-2.0'), ids, ...options });
  const reading = { source: 0, maxLine: library.DEFAULT_MAX_LINE, dupKeys: 'refuse', shapes: library.createShapeTree() } as const;
  const outcomes: Outcome[] = [];
  for (const item of library.readBuffer(Buffer.from(made.legacy), reading).items) {
    if (library.isBad(item)) throw new Error(item.message);
    outcomes.push(...translator.push(item));
  }
  outcomes.push(...translator.finish());
  return { translator, outputs: outcomes.flatMap((outcome) => outcome.outputs) };
}

function job(mapping: ConvertJob['mapping'], output: string): ConvertJob {
  const { lateness, hold, idle, retention } = mapping.waits;
  const waits = { lateness, hold, idle, retention, maxJump: 3_600_000 };
  const files = {
    deadLetters: undefined,
    keepEmpty: false,
    dropped: undefined,
    provenance: { kind: 'file', path: `${output}.why` },
  } as const;
  const reading = { eventAt: undefined, maxLine: 1 << 20, dupKeys: 'refuse', allowTruncated: false, rs: false, limit: undefined } as const;
  const rest = { state: undefined, force: false, strict: true, timeZone: 'Asia/Shanghai', onProgress: undefined };
  const going = {
    restart: false,
    merge: false,
    asReceived: false,
    keepOpen: false,
    checkpointEvery: 1 << 20,
    signal: undefined,
    onDisk: undefined,
  };
  return { inputs: [join(ROOT, 'examples/legacy.ndjson')], output, mapping, ids, ...waits, ...files, ...reading, ...rest, ...going };
}

describe('the library, by its package name', () => {
  it('translates the example call centre', async () => {
    const { translator, outputs } = await translateExample();
    expect(outputs.map(library.outputText).join('') === made.truth).toBe(true);
    for (const { type } of outputs) library.outputRow(translator.books, type).out += 1;
    expect(library.findImbalances(translator.books)).toEqual([]);
  });

  it('keeps calls in a state file if it is told to', async () => {
    const store = library.openSqlite(join(folder, 'calls.state'));
    const { translator, outputs } = await translateExample({ store, hotCalls: 3 });
    expect(outputs.map(library.outputText).join('') === made.truth).toBe(true);
    translator.flush();
    store.commit();
    expect(store.unfinished(10)).toHaveLength(translator.unfinished());
    store.close();
  });

  it('runs whole conversions, whose provenance names the same ids', async () => {
    const output = join(folder, 'current.ndjson');
    const result = await library.runConvert(job(await library.loadMapping('ccc-2.0'), output));
    expect(result).toMatchObject({ records: made.legacy.split('\n').length - 1, imbalances: [], deadLetters: { count: 0 } });
    expect(readFileSync(output, 'utf8') === made.truth).toBe(true);
    const lines = readFileSync(`${output}.why`, 'utf8').trimEnd().split('\n');
    const named = lines.map((line) => (JSON.parse(line) as { id: string }).id);
    expect(named).toEqual((await translateExample()).outputs.map(library.eventId));
    expect(new Set(named).size).toBe(named.length);
  });

  it('ends with an UpcastError that carries the exit code', async () => {
    const failure = await library.loadMapping('ccc-3.0').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(library.UpcastError);
    expect(failure).toMatchObject({ exit: library.EXIT.config });
  });

  it('is typed', () => {
    expectTypeOf(library.createTranslator).returns.toEqualTypeOf<Translator>();
    expectTypeOf<Translator['push']>().returns.toEqualTypeOf<readonly Outcome[]>();
    expectTypeOf<Translator['books']>().toEqualTypeOf<Books>();
    expectTypeOf(library.runConvert).returns.resolves.toEqualTypeOf<RunResult>();
    expectTypeOf(library.outputText).parameters.toEqualTypeOf<[Output]>();
    // @ts-expect-error a translator needs a mapping
    expectTypeOf(library.createTranslator).toBeCallableWith({});
  });
});

describe('the program of the README', () => {
  const code = /## As a library\n+```ts\n([\s\S]*?)```/.exec(projectFile('README.md'))?.[1];

  it('is the one that is compiled and run here', () => {
    expect(code).toBe(projectFile('test/library/readme.ts'));
  });

  it('prints the 2.0 stream of the example', () => {
    const run = spawnSync(process.execPath, ['--import', 'tsx', 'test/library/readme.ts'], {
      cwd: ROOT,
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(run.stdout === made.truth).toBe(true);
  });
});

describe('convert', () => {
  /** What the library is made of; files, side files and the terminal are the program's own. */
  const OURS = /^import \{([^}]+)\} from '\.\.\/(?:\.\.\/)?((?:event|mapping|translate|source|parse|store)\/[^']+)'/gm;

  it('uses nothing but what the library exports', () => {
    const names = readdirSync(join(ROOT, 'src/pipeline'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    const files = names.map((name) => `src/pipeline/${name}`);
    const used = [...files, 'src/cli/job.ts', 'src/cli/commands/convert.ts'].flatMap((path) =>
      [...projectFile(path).matchAll(OURS)].flatMap(([, names = '', from]) => names.split(',').map((name) => `${name.trim()} of ${from}`)),
    );
    expect(used.length).toBeGreaterThan(10);
    expect(used.filter((each) => !((each.split(' ')[0] ?? '') in library))).toEqual([]);
  });

  it('has a library without rules, contexts and writers of values: those are free to change', () => {
    const inner = projectFile('src/index.ts').match(/from '\.\/(?:rules|context|cli|sink|observe|report)\/[^']*'/g);
    expect(inner).toBeNull();
  });
});
