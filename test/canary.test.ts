import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { globSync } from 'tinyglobby';
import { afterAll, describe, expect, it } from 'vitest';
import { generateCalls } from '../bench/generate/calls.ts';
import { EXIT, UpcastError } from '../src/errors.ts';
import { createLog } from '../src/observe/log.ts';
import { renderText } from '../src/report/text.ts';
import { run } from './cli/io.ts';
import { startProcess } from './faults/shim/shim-process.ts';
import { runProgram } from './faults/support/process.ts';
import { withLeaks } from './faults/support/tier.ts';
import { someResult } from './report/result.ts';
import { endpoint, folderFor, startTestShim } from './shim/support.ts';
import { numbersIn, printsData, takeLeaks } from './support/canary.ts';
import { ROOT } from './support/example.ts';

const NUMBER = '13900001111';
/** Fields of both versions that may hold a phone number, as JSON, YAML or TypeScript has them. */
const FIELD = /\b(?:caller|callee|broker|destination|counterparty)\b["']?\s*:\s*["'](\+?\d+)["']/gi;

/** What was found, as place and number. */
const found = (): readonly string[] => takeLeaks().map(({ where, number }) => `${where}: ${number}`);

const folder = mkdtempSync(join(tmpdir(), 'ccc-canary-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A program that says what it is told to, on stderr, and lives on as a shim does. */
function planted(name: string, text: string): string {
  const program = join(folder, name);
  mkdirSync(join(program, 'bin'), { recursive: true });
  writeFileSync(join(program, 'bin/ccc-upcast.js'), text);
  return program;
}

describe('the phone numbers of fixtures', () => {
  const unknown = (text: string): readonly string[] =>
    [...text.matchAll(FIELD)].map(([, number = '']) => number).filter((number) => numbersIn(number).length !== 1);

  it('are known by their form, in every file of fixtures', () => {
    const files = globSync(['test/**/*.{ts,ndjson}', 'mappings/**/*.yaml', 'examples/**/*', 'README.md', 'mappings/README.md'], {
      cwd: ROOT,
    });
    const texts = files.map((file) => [file, readFileSync(join(ROOT, file), 'utf8')] as const);
    expect(texts.filter(([, text]) => [...text.matchAll(FIELD)].length > 0).length).toBeGreaterThan(40);
    expect(texts.map(([file, text]) => [file, unknown(text)] as const).filter(([, numbers]) => numbers.length > 0)).toEqual([]);
  });

  it('are known by their form, however many the generator makes', () => {
    const { items } = generateCalls({ calls: 400, seed: 'canary', open: 50 });
    const text = [...items].map(({ legacy }) => legacy?.line ?? '').join('\n');
    expect(unknown(text)).toEqual([]);
    expect(new Set(numbersIn(text)).size).toBeGreaterThan(400);
  });

  it('are not taken for ids, times, sizes and figures', () => {
    const said = [
      '2026-11-27T16:27:30.123Z, 1764260850123 ms, 1764260850 s, byte 4294967296 of 10737418240',
      'event 139000011110571268800014008001000aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
      '0d9d4b6f-1390-4000-8000-139000011110',
      'ccc_upcast_delivery_seconds_sum 0.13900001111',
      '127.0.0.1:40080',
    ];
    expect(said.flatMap(numbersIn)).toEqual([]);
  });
});

describe('a phone number is found where it is told', () => {
  it('in the log', () => {
    const lines: string[] = [];
    createLog({ write: (text) => lines.push(text) }, 'info').warn('an event was given up', { detail: `422 to +86${NUMBER}` });
    expect(found()).toEqual([`the log: 86${NUMBER}`]);
    expect(lines).toHaveLength(1);
  });

  it('in an error, though nobody prints it', () => {
    const error = new UpcastError({ code: 'bad', exit: EXIT.usage, message: 'bad', hint: `not ${NUMBER}` });
    expect(error).toBeInstanceOf(Error);
    expect(found()).toEqual([`the error bad: ${NUMBER}`]);
  });

  it('on the terminal of a command', async () => {
    await run(['convert', '--nonsense', NUMBER]);
    await run(['check', NUMBER]);
    expect(found()).toContain(`stderr of check ${NUMBER}: ${NUMBER}`);
  });

  it('in a report', () => {
    renderText(someResult({ warnings: [`${NUMBER} is no time`] }));
    expect(found()).toEqual([`the report: ${NUMBER}`]);
  });

  it('in the metrics and the readiness of a shim', async () => {
    const { path, remove } = folderFor('canary');
    const shim = await startTestShim(path, [endpoint('http://127.0.0.1:9/in', { name: `to ${NUMBER}` })]);
    await shim.stop();
    remove();
    const places = new Set(found());
    expect(places).toContain(`/metrics of the admin port: ${NUMBER}`);
    expect(places).toContain(`an answer of the admin port: ${NUMBER}`);
  });

  it('by a run of the fault tiers', async () => {
    const program = planted('run', `process.stderr.write('caller ${NUMBER}')`);
    await runProgram([], folder, { program });
    const result = withLeaks({ name: 'tier', ran: 1, wanted: 1, bad: [], seconds: 0 });
    expect(result.bad).toEqual([`the phone number ${NUMBER} is told in stderr of : caller ${NUMBER}`]);
  });

  it('by a shim of the fault tiers, in its log and on its admin port', async () => {
    const admin = createServer((_request, response) => void response.end(`ccc_upcast_callers{number="${NUMBER}"} 1`));
    await new Promise<void>((resolve) => admin.listen(0, '127.0.0.1', resolve));
    const address = admin.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const log = `{"msg":"listening"}\n{"address":"127.0.0.1:${port}","msg":"admin"}\n{"caller":"13900002222"}\n`;
    const program = planted('shim', `process.stderr.write(${JSON.stringify(log)}); setInterval(() => {}, 1000)`);
    const shim = await startProcess({ program, state: join(folder, 'shim.db'), port: 0, ids: 'ids.csv' });
    const all: string[] = [];
    await expect.poll(() => all.push(...found())).toBeGreaterThan(0);
    shim.kill('SIGTERM');
    await shim.ended;
    admin.closeAllConnections();
    admin.close();
    expect([...all, ...found()]).toEqual(
      expect.arrayContaining([`/metrics of the admin port: ${NUMBER}`, 'the log of a shim: 13900002222']),
    );
  });
});

describe('what is looked through', () => {
  it('is what every command prints, but for those that print data', () => {
    expect(printsData(['convert', 'a.ndjson'])).toBe(true);
    expect(printsData(['check'])).toBe(true);
    expect(printsData(['explain', 'a.ndjson', '--show-values'])).toBe(true);
    expect(printsData(['dead-letters', 'show', '1'])).toBe(true);
    for (const command of ['serve', 'config show', 'dead-letters list', 'dead-letters redrive'])
      expect(printsData(command.split(' '))).toBe(false);
  });

  it('comes from every process of the program that a test starts', () => {
    const files = globSync('test/**/*.ts', { cwd: ROOT }).map((file) => [file, readFileSync(join(ROOT, file), 'utf8')] as const);
    const starting = files.filter(([, text]) => /\bspawn(?:Sync)?\(|\bexecFile/.test(text) && text.includes("bin/ccc-upcast.js'"));
    expect(starting.map(([file]) => file).sort()).toEqual([
      'test/faults/disk/manners.ts',
      'test/faults/shim/shim-process.ts',
      'test/faults/support/process.ts',
      'test/support/bin.ts',
    ]);
    expect(starting.filter(([, text]) => !text.includes('watch(')).map(([file]) => file)).toEqual([]);
  });
});
