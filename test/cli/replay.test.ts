import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { linesOf, START, streamOf } from '../replay/support.ts';
import type { Sink } from '../shim/support.ts';
import { folderFor, startSink } from '../shim/support.ts';
import { runBin, startBin } from '../support/bin.ts';

let folder = '';
let sink: Sink;
let ends: (() => Promise<void> | void)[] = [];

beforeEach(async () => {
  const made = folderFor('replay-cli');
  folder = made.path;
  sink = await startSink();
  ends.push(made.remove, () => sink.close());
});

afterEach(async () => {
  for (const end of ends.reverse()) await end();
  ends = [];
});

const at = (name: string): string => join(folder, name);

function put(name: string, content: string | Buffer): string {
  writeFileSync(at(name), content);
  return at(name);
}

/** Runs a replay beside this process, which answers it. */
const replay = (args: readonly string[]): ReturnType<typeof startBin>['ended'] => startBin(['replay', ...args]).ended;

describe('replay', () => {
  it('delivers what convert wrote, under the ids of its provenance', async () => {
    expect(runBin(['convert', 'examples/legacy.ndjson', '--ids', 'examples/ids.csv', '-o', at('out.ndjson.gz'), '-q']).status).toBe(0);
    const provenance = `${at('out.ndjson.gz')}.provenance.ndjson`;
    const ran = await replay([at('out.ndjson.gz'), '--to', sink.url, '--speed', 'max', '--provenance', provenance]);
    expect(ran.exit).toBe(0);
    expect(ran.err).toContain('books balance');
    const ids = readFileSync(provenance, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (JSON.parse(line) as { readonly id: string }).id);
    expect(ids.length).toBeGreaterThan(500);
    expect(sink.got.map(({ id }) => id).sort()).toEqual(ids.sort());
  });

  it('--from 1.0 translates on the way: the same events under the same ids as convert and replay', async () => {
    const common = ['--ids', 'examples/ids.csv'];
    const output = at('out.ndjson');
    expect(runBin(['convert', 'examples/legacy.ndjson', ...common, '-o', output, '-q', '--provenance', 'field']).status).toBe(0);
    expect((await replay([output, '--to', at('two.ndjson'), '--speed', 'max', '--receipts', at('two.receipts')])).exit).toBe(0);
    const args = ['examples/legacy.ndjson', '--from', '1.0', ...common, '--to', at('one.ndjson'), '--speed', 'max'];
    expect(runBin(['replay', ...args, '--receipts', at('one.receipts'), '-q']).status).toBe(0);
    expect(readFileSync(at('one.ndjson')).equals(readFileSync(at('two.ndjson')))).toBe(true);
    const idsOf = (name: string): readonly string[] =>
      readFileSync(at(name), 'utf8')
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { readonly id: string }).id);
    expect(idsOf('one.receipts')).toEqual(idsOf('two.receipts'));
  });

  it('reads gz and standard input, and writes to stdout byte for byte', () => {
    const text = linesOf(streamOf(200, 9));
    const gz = put('current.gz', gzipSync(text));
    const run = runBin(['replay', '--to', '-', gz, '--speed', 'max', '-q']);
    expect([run.status, run.stdout]).toEqual([0, text]);
    expect(runBin(['replay', '--to', '-', '--speed', 'max', '-q'], { input: text }).stdout).toBe(text);
  });

  it('ends with 3 where something failed, and lists it', async () => {
    sink.answer = ({ text }, response) => void response.writeHead(text.endsWith('"n":2}') ? 400 : 200).end();
    const input = put('current.ndjson', linesOf(streamOf(5, 5)));
    const ran = await replay([input, '--to', sink.url, '--speed', 'max']);
    expect(ran.exit).toBe(3);
    expect(ran.err).toContain('4 delivered, 1 failed');
    expect(readFileSync(`${input}.replay.dead-letters.ndjson`, 'utf8')).toContain('"code":"refused"');
  });

  it('ends with 0 on an empty input, and with 66 where there is none', async () => {
    expect((await replay([put('empty.ndjson', ''), '--to', sink.url])).exit).toBe(0);
    expect((await replay([at('nothing.ndjson'), '--to', sink.url])).exit).toBe(66);
  });

  it('ends with 69 when its target is dead, says so in one line, and how to go on', async () => {
    const input = put('current.ndjson', linesOf(streamOf(5, 5)));
    const ran = await replay([input, '--to', 'http://127.0.0.1:9/in', '--speed', 'max', '--give-up', '1s']);
    expect(ran.exit).toBe(69);
    expect(ran.err).toContain('nothing was delivered for 1 s');
    expect(ran.err).toContain('go on with: ccc-upcast replay');
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)(
    'ends at %s with %i, and the same command goes on: nothing missing, nothing twice',
    async (signal, exit) => {
      const input = put('current.ndjson', linesOf(streamOf(300, 30)));
      const args = [input, '--to', sink.url, '--speed', '1x', '--receipts', at('receipts.ndjson')];
      const running = startBin(['replay', ...args]);
      await sink.until(60);
      process.kill(running.pid, signal);
      const ran = await running.ended;
      expect(ran.exit).toBe(exit);
      expect(ran.err).toContain('go on with: ccc-upcast replay');
      const before = sink.got.length;
      expect(before).toBeLessThan(300);
      expect((await replay([...args.filter((each) => each !== '1x' && each !== '--speed'), '--speed', 'max'])).exit).toBe(0);
      expect(sink.got).toHaveLength(300);
      expect(new Set(sink.got.map(({ id }) => id)).size).toBe(300);
      const ids = put('ids.txt', sink.got.map(({ id }) => `${id}\n`).join(''));
      expect(runBin(['replay', '--verify', at('receipts.ndjson'), '--against', ids]).status).toBe(0);
    },
    30_000,
  );

  it('pauses and goes on at SIGUSR2, and by its admin port changes its speed', async () => {
    const input = put('current.ndjson', linesOf(streamOf(200, 200, 20)));
    const running = startBin(['replay', input, '--to', sink.url, '--admin', '127.0.0.1:0']);
    await sink.until(20);
    const admin = /admin on (\S+)/.exec(running.said())?.[1];
    process.kill(running.pid, 'SIGUSR2');
    await expect
      .poll(async () => (await (await fetch(`http://${admin}/metrics`)).text()).includes('ccc_upcast_replay_paused 1'))
      .toBe(true);
    const before = sink.got.length;
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(sink.got.length - before).toBeLessThanOrEqual(1);
    const steer = (path: string): Promise<Response> => fetch(`http://${admin}${path}`, { method: 'PUT' });
    expect((await steer('/speed?speed=sideways')).status).toBe(400);
    expect(await (await steer('/speed?speed=max')).json()).toEqual({ paused: true, speed: 'max' });
    expect(await (await steer('/resume')).json()).toEqual({ paused: false, speed: 'max' });
    expect((await running.ended).exit).toBe(0);
    expect(sink.got).toHaveLength(200);
  }, 30_000);

  it('that was stopped as a process goes on at its pace, not in a burst', async () => {
    const times: number[] = [];
    sink.answer = (_got, response) => {
      times.push(performance.now());
      response.writeHead(200).end();
    };
    const running = startBin(['replay', put('current.ndjson', linesOf(streamOf(60, 60, 50))), '--to', sink.url]);
    await sink.until(20);
    process.kill(running.pid, 'SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    const before = times.length;
    process.kill(running.pid, 'SIGCONT');
    expect((await running.ended).exit).toBe(0);
    const [first = 0] = times.slice(before);
    // 50 ms apart: a burst would bring more than half of them at once.
    expect((times.at(-1) ?? 0) - first).toBeGreaterThan((times.length - before - 2) * 50 * 0.8);
    expect(times.length - before).toBeGreaterThan(25);
  }, 30_000);

  it('reads an array, too', () => {
    const events = streamOf(50, 5);
    const run = runBin(['replay', '--to', '-', put('current.json', JSON.stringify(events, undefined, 1)), '--speed', 'max', '-q']);
    expect(run.status).toBe(0);
    expect(
      run.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as object),
    ).toEqual(events);
  });

  it('ends with 75 while another one has the state, and with 76 where it is that of a conversion', async () => {
    const input = put('current.ndjson', linesOf(streamOf(100, 10, 1_000)));
    const running = startBin(['replay', input, '--to', sink.url]);
    await sink.until(1);
    expect((await replay([input, '--to', sink.url])).exit).toBe(75);
    process.kill(running.pid, 'SIGTERM');
    await running.ended;
    expect(runBin(['convert', 'examples/legacy.ndjson', '-o', at('out.ndjson'), '-q']).status).toBe(0);
    const state = `${at('out.ndjson')}.state`;
    const ran = await replay([input, '--to', sink.url, '--state', state]);
    expect([ran.exit, ran.err]).toEqual([76, expect.stringContaining('belongs to a conversion')]);
  }, 30_000);

  it('refuses what it would regret: plain http elsewhere, a file that is there, its own input', async () => {
    const input = put('current.ndjson', linesOf(streamOf(2, 1)));
    expect((await replay([input, '--to', 'http://new.example/in'])).exit).toBe(2);
    put('there.ndjson', 'x');
    expect((await replay([input, '--to', at('there.ndjson'), '--speed', 'max'])).exit).toBe(73);
    expect(readFileSync(at('there.ndjson'), 'utf8')).toBe('x');
    expect((await replay([input, '--to', input])).exit).toBe(2);
    expect((await replay([input])).exit).toBe(2);
    expect(sink.got).toHaveLength(0);
  });
});

describe('replay --dry-run', () => {
  it('says what would be sent and how long it would take, and sends nothing', async () => {
    const events = [...streamOf(61, 10, 1_000), ...streamOf(1, 1)];
    const input = put('current.ndjson', `nonsense\n${linesOf(events)}`);
    const ran = await replay([input, '--to', sink.url, '--speed', '10x', '--dry-run', '--json']);
    expect(ran.exit).toBe(0);
    expect(JSON.parse(ran.out)).toMatchObject({
      target: sink.url,
      events: 62,
      notEvents: 1,
      contacts: 10,
      types: { AgentRinging: 32, AgentTalk: 30 },
      eventTimes: { from: new Date(START).toISOString(), to: new Date(START + 60_000).toISOString() },
      longestGap: { ms: 1_000 },
      outOfOrder: 1,
      durationMs: 6_000,
    });
    expect((await replay([input, '--to', sink.url, '--rate', '1/s', '--dry-run', '--json', '--speed', 'max'])).out).toContain(
      '"durationMs":62000',
    );
    const endless = await replay([input, '--to', sink.url, '--speed', '10x', '--loop', 'forever', '--dry-run']);
    expect(endless.out).toContain('for ever; a round at least 6.0 s, at 10x');
    const text = await replay([input, '--to', sink.url, '--speed', '10x', '--dry-run']);
    expect(text.out).toContain('at least 6.0 s, at 10x');
    expect(sink.got).toHaveLength(0);
    expect(existsSync(`${input}.replay.state`)).toBe(false);
  });
});

describe('replay --report and --json', () => {
  it('tell the same counts: as JSON, and as a page that needs nothing else', async () => {
    const input = put('current.ndjson', linesOf(streamOf(100, 10)));
    const ran = await replay([input, '--to', sink.url, '--speed', '10x', '--json', '--report', at('report.html')]);
    expect(ran.exit).toBe(0);
    expect(JSON.parse(ran.out)).toMatchObject({
      ending: 'done',
      events: { meant: 100, delivered: 100, failed: 0, balanced: true },
      attempts: 100,
    });
    const page = readFileSync(at('report.html'), 'utf8');
    expect(page).toContain('100 delivered, 0 failed');
    expect(page.match(/<svg /g)).toHaveLength(4);
    expect(page).not.toMatch(/<script|src=|href=|url\(/);
  });
});

describe('replay --verify', () => {
  const id = (n: number): string => n.toString(16).padStart(2, '0').repeat(32);
  const receipts = (): string =>
    put(
      'receipts.ndjson',
      [1, 2, 3].map((n) => `${JSON.stringify({ id: id(n), type: 'X', status: n === 3 ? 'failed' : 'delivered', attempts: 1 })}\n`).join(''),
    );

  it('takes ids alone, as JSON texts and in objects', () => {
    const ids = put('ids.txt', `${id(1)}\n\n{"webhook-id":"${id(2)}"}\n"${id(2)}"\n`);
    const run = runBin(['replay', '--verify', receipts(), '--against', ids, '--json']);
    expect(run.status).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({
      delivered: 2,
      failed: 1,
      received: 2,
      repeats: 1,
      missing: { count: 0 },
      unknown: { count: 0 },
    });
  });

  it('ends with 3 and names what is missing, what nobody sent, and what arrived although it failed', () => {
    const ids = put('ids.txt', [1, 3, 9].map((n) => `${id(n)}\n`).join(''));
    const run = runBin(['replay', '--verify', receipts(), '--against', ids]);
    expect(run.status).toBe(3);
    expect(run.stdout).toMatch(new RegExp(`MISSING[^]*${id(2)}[^]*UNKNOWN[^]*${id(9)}[^]*arrived[^]*${id(3)}`));
  });

  it('refuses files that are neither', () => {
    const ids = put('ids.txt', `${id(1)}\n`);
    expect(runBin(['replay', '--verify', ids, '--against', ids]).status).toBe(65);
    expect(runBin(['replay', '--verify', receipts(), '--against', put('bad.txt', '{"a":1}\n')]).status).toBe(65);
    expect(runBin(['replay', '--verify', receipts()]).status).toBe(2);
  });
});
