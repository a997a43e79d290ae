import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Io } from '../../src/cli/output.ts';
import { runProgram } from '../../src/cli/program.ts';
import { linesOf, streamOf } from '../replay/support.ts';
import type { Sink } from '../shim/support.ts';
import { folderFor, startSink } from '../shim/support.ts';
import { keep } from './io.ts';

/** A person at a terminal: what is asked, what is typed, which keys are pressed. */
let folder = '';
let sink: Sink;
let ends: (() => Promise<void> | void)[] = [];

beforeEach(async () => {
  const made = folderFor('replay-terminal');
  folder = made.path;
  sink = await startSink();
  ends.push(made.remove, () => sink.close());
});

afterEach(async () => {
  for (const end of ends.reverse()) await end();
  ends = [];
});

function put(text: string): string {
  const path = join(folder, 'current.ndjson');
  writeFileSync(path, text);
  return path;
}

interface Terminal extends Io {
  readonly stderr: ReturnType<typeof keep>;
  readonly asked: string[];
  press(key: string): void;
}

function terminal(answer: string): Terminal {
  const asked: string[] = [];
  let listener = (_key: string): void => {};
  return {
    stdin: { isTTY: true },
    stdout: keep(true),
    stderr: keep(true),
    env: {},
    asked,
    ask: async (question) => {
      asked.push(question);
      return answer;
    },
    onKey(listen) {
      listener = listen;
      return () => {
        listener = () => {};
      };
    },
    press: (key) => listener(key),
  };
}

describe('replay at a terminal', () => {
  it('shows target and estimate and asks; who does not say yes sends nothing', async () => {
    const io = terminal('');
    const input = put(linesOf(streamOf(20, 4)));
    expect(await runProgram(['replay', input, '--to', sink.url], io)).toBe(130);
    expect(io.asked).toEqual([`Send 20 events to ${sink.url}? [y/N] `]);
    expect(io.stderr.text).toMatch(/contacts +4\n/);
    expect(io.stderr.text).toContain('nothing was sent');
    expect(sink.got).toHaveLength(0);
  });

  it('shows how much of the stream is through, and how long the rest takes', async () => {
    const io = terminal('y');
    const running = runProgram(['replay', put(linesOf(streamOf(100, 100, 10))), '--to', sink.url], io);
    expect(await running).toBe(0);
    const shares = [...io.stderr.text.matchAll(/Z {2}(\d+) % {2}/g)].map(([, share]) => Number(share));
    expect(shares.length).toBeGreaterThan(3);
    expect(shares.toSorted((a, b) => a - b)).toEqual(shares);
    expect(shares[0]).toBeLessThan(50);
    expect(io.stderr.text).toMatch(/\d s left/);
  });

  it.each(['y', 'Yes '])('sends when it is answered %j', async (answer) => {
    const io = terminal(answer);
    expect(await runProgram(['replay', put(linesOf(streamOf(20, 4))), '--to', sink.url, '--speed', 'max'], io)).toBe(0);
    expect(sink.got).toHaveLength(20);
  });

  it('does not ask with --yes, nor where nothing leaves the machine', async () => {
    const input = put(linesOf(streamOf(5, 1)));
    const io = terminal('');
    expect(await runProgram(['replay', input, '--to', sink.url, '--speed', 'max', '--yes'], io)).toBe(0);
    expect(await runProgram(['replay', input, '--to', join(folder, 'copy'), '--speed', 'max'], io)).toBe(0);
    expect(io.asked).toEqual([]);
  });

  it('pauses and goes on at the space bar, and doubles and halves its speed', async () => {
    const io = terminal('y');
    const running = runProgram(['replay', put(linesOf(streamOf(200, 200, 20))), '--to', sink.url], io);
    await sink.until(10);
    io.press(' ');
    const before = sink.got.length;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(sink.got.length - before).toBeLessThanOrEqual(1);
    for (const key of ['+', '+', '-', '+', '+', 'x', ' ']) io.press(key);
    const resumed = performance.now();
    expect(await running).toBe(0);
    // 190 events of 20 ms at eight times the speed.
    expect(performance.now() - resumed).toBeLessThan(2_500);
    for (const said of ['paused', 'speed 2x', 'speed 4x', 'speed 8x', 'goes on']) expect(io.stderr.text).toContain(said);
  });
});
