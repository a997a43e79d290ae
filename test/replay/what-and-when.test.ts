import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ReplayControl } from '../../src/replay/api.ts';
import { runReplay } from '../../src/replay/replayer.ts';
import type { Sink } from '../shim/support.ts';
import { folderFor, startSink } from '../shim/support.ts';
import type { TestEvent } from './support.ts';
import { EVERYTHING, httpTarget, jobOf, linesOf, START, streamOf } from './support.ts';

let ends: (() => Promise<void> | void)[] = [];
let folder = '';
let sink: Sink;

beforeEach(async () => {
  const made = folderFor('replay');
  folder = made.path;
  sink = await startSink();
  ends.push(made.remove, () => sink.close());
});

afterEach(async () => {
  for (const end of ends.reverse()) await end();
  ends = [];
});

const texts = (): readonly string[] => sink.got.map(({ text }) => text);
const numbers = (): readonly number[] => texts().map((text) => (JSON.parse(text) as TestEvent).n);

describe('what is sent', () => {
  const sentOf = async (change: Parameters<typeof jobOf>[3], count = 60): Promise<readonly number[]> => {
    await runReplay(await jobOf(folder, linesOf(streamOf(count, 12, 1_000)), httpTarget(sink.url), change));
    return [...numbers()].sort((a, b) => a - b);
  };

  it.each<readonly [string, Partial<typeof EVERYTHING>, (n: number) => boolean]>([
    ['--since and --until', { since: START + 10_000, until: START + 20_000 }, (n) => n >= 10 && n < 20],
    ['--type', { types: ['AgentTalk'] }, (n) => n % 2 === 1],
    ['--contact', { contacts: ['job-3', 'job-4'] }, (n) => n % 12 === 3 || n % 12 === 4],
    ['--agent', { agents: ['agent-0@ccc'] }, (n) => (n * 7) % 6 === 0],
    ['--limit', { limit: 7 }, (n) => n < 7],
  ])('is what %s says', async (_name, selection, isMeant) => {
    const sent = await sentOf({ selection: { ...EVERYTHING, ...selection } });
    expect(sent).toEqual(Array.from({ length: 60 }, (_, n) => n).filter(isMeant));
  });

  it('of a --sample is whole contacts, about so many of them, the same each time', async () => {
    const sent = await sentOf({ selection: { ...EVERYTHING, sample: 0.5 } });
    const contacts = new Set(sent.map((n) => n % 12));
    expect(sent).toHaveLength(contacts.size * 5);
    expect(contacts.size).toBeGreaterThan(2);
    expect(contacts.size).toBeLessThan(10);
  });

  it('has the same ids whatever else is sent', async () => {
    await sentOf({});
    const all = new Map(sink.got.map(({ id, text }) => [text, id]));
    const before = sink.got.length;
    await sentOf({ selection: { ...EVERYTHING, types: ['AgentTalk'] }, restart: true, force: true });
    for (const { id, text } of sink.got.slice(before)) expect(id).toBe(all.get(text));
  });

  it('with --loop comes so often, each round under other ids, one after the other', async () => {
    const sent = await sentOf({ rounds: 3 }, 12);
    expect(sent).toHaveLength(36);
    expect(new Set(sink.got.map(({ id }) => id)).size).toBe(36);
  });

  it('with --restamp happens now, distances kept, under other ids', async () => {
    const before = Date.now();
    await sentOf({ restamp: true }, 12);
    const times = texts().map((text) => Date.parse((JSON.parse(text) as TestEvent).eventTime));
    const first = Math.min(...times);
    expect(first).toBeGreaterThanOrEqual(before);
    expect(first).toBeLessThanOrEqual(Date.now());
    expect([...times].sort((a, b) => a - b).map((time) => time - first)).toEqual(Array.from({ length: 12 }, (_, n) => n * 1_000));
    const ids = new Set(sink.got.map(({ id }) => id));
    await sentOf({ restart: true, force: true }, 12);
    expect(sink.got.slice(12).some(({ id }) => ids.has(id))).toBe(false);
  });

  it('is merged by event time where there are several inputs', async () => {
    const events = streamOf(40, 1);
    const job = await jobOf(folder, linesOf(events.filter(({ n }) => n % 3 === 0)), httpTarget(sink.url));
    const second = join(folder, 'second.ndjson');
    writeFileSync(second, linesOf(events.filter(({ n }) => n % 3 !== 0)));
    await runReplay({ ...job, inputs: [...job.inputs, second] });
    expect(numbers()).toEqual(events.map(({ n }) => n));
  });
});

describe('the pace', () => {
  it('is held: events come when they are due', async () => {
    const times: number[] = [];
    sink.answer = (_got, response) => {
      times.push(performance.now());
      response.writeHead(200).end();
    };
    const tempo = { speed: 10, rate: undefined, maxGap: undefined, startAt: undefined };
    await runReplay(await jobOf(folder, linesOf(streamOf(30, 30, 500)), httpTarget(sink.url), { tempo }));
    const [first = 0] = times;
    const errors = times.map((time, n) => Math.abs(time - first - n * 50));
    expect(Math.max(...errors)).toBeLessThan(200);
    expect((times.at(-1) ?? 0) - first).toBeGreaterThan(29 * 50 - 50);
  });

  it('stands still while it is paused, changes its speed, and does not burst afterwards', async () => {
    let control: ReplayControl | undefined;
    const tempo = { speed: 1, rate: undefined, maxGap: undefined, startAt: undefined };
    const job = await jobOf(folder, linesOf(streamOf(40, 40, 50)), httpTarget(sink.url), { tempo });
    const times: number[] = [];
    sink.answer = (_got, response) => {
      times.push(performance.now());
      response.writeHead(200).end();
      if (times.length !== 10) return;
      control?.pause();
      setTimeout(() => {
        expect(times.length).toBeLessThanOrEqual(11);
        control?.setSpeed(2);
        control?.resume();
      }, 600);
    };
    const started = (steered: ReplayControl): void => {
      control = steered;
    };
    await runReplay(job, { started });
    expect(times).toHaveLength(40);
    const after = times.slice(11);
    // At twice the speed 25 ms apart: not all at once.
    expect((after.at(-1) ?? 0) - (after[0] ?? 0)).toBeGreaterThan(25 * 20);
  });

  it('is never above --rate, whatever is due', async () => {
    const times: number[] = [];
    sink.answer = (_got, response) => {
      times.push(performance.now());
      response.writeHead(200).end();
    };
    const tempo = { speed: Number.POSITIVE_INFINITY, rate: 200, maxGap: undefined, startAt: undefined };
    await runReplay(await jobOf(folder, linesOf(streamOf(300, 300)), httpTarget(sink.url), { tempo }));
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(1_400);
  });
});
