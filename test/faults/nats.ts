import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../bench/generate/random.ts';
import { createRandom } from '../../bench/generate/random.ts';
import type { Link } from '../../src/jetstream/connect.ts';
import { eachBehind } from '../../src/jetstream/sink.ts';
import type { Server } from '../support/nats.ts';
import { hasServer, linkTo, startServers } from '../support/nats.ts';
import type { Data } from './support/data.ts';
import { prepareData } from './support/data.ts';
import type { Running } from './support/process.ts';
import { startProgram } from './support/process.ts';
import type { TierOptions, TierResult } from './support/tier.ts';
import { runAlone, SEED } from './support/tier.ts';

/** One story of workers that share a stream. */
interface Story {
  readonly name: string;
  readonly calls: number;
  /** Only where all is run: it takes minutes on a small machine. */
  readonly long: boolean;
  /** Calls open at a time. */
  readonly open: number;
  readonly workers: number;
  readonly servers: number;
  /** Times that a worker is killed. */
  readonly kills: number;
  /** Times that a worker is asked to stop, and a fresh one takes its place. */
  readonly handovers: number;
  /** A worker comes in addition, in the middle. */
  readonly joins: boolean;
  /** The server that leads the stream is killed in the middle. */
  readonly leaderDies: boolean;
}

const STORIES: readonly Story[] = [
  {
    name: 'handovers',
    long: false,
    calls: 1_000,
    open: 300,
    workers: 2,
    servers: 1,
    kills: 2,
    handovers: 4,
    joins: false,
    leaderDies: false,
  },
  {
    name: 'kills',
    long: true,
    calls: 15_000,
    open: 2_000,
    workers: 4,
    servers: 1,
    kills: 100,
    handovers: 0,
    joins: true,
    leaderDies: false,
  },
  { name: 'leader', long: true, calls: 1_500, open: 300, workers: 3, servers: 3, kills: 2, handovers: 0, joins: false, leaderDies: true },
];

const PARTITIONS = 4;
/** A worker that is gone is followed by then; milliseconds. */
const LONGEST_TAKEOVER = 15_000;
/** Without any output for so long, a story hangs. */
const LONGEST_SILENCE = 90_000;

/** Workers are killed, stopped, added, and a server with them: what they put out is, call by call, what one conversion writes. */
export async function nats(options: TierOptions): Promise<TierResult> {
  const started = performance.now();
  const result = { bad: [] as string[], notes: [] as string[], ran: 0 };
  const stories = STORIES.filter(({ long }) => options.full || !long);
  const wanted = stories.reduce((sum, { kills, handovers, leaderDies }) => sum + kills + handovers + (leaderDies ? 1 : 0), 0);
  if (!hasServer()) result.notes.push('NOT RUN: there is no nats-server (apt-get install nats-server)');
  else {
    for (const story of stories) {
      const told = await play(story, options).catch((error: Error) => `${story.name}: ${error.stack ?? error.message}`);
      if (typeof told === 'string') {
        result.bad.push(told);
        continue;
      }
      result.ran += told.ran;
      result.bad.push(...told.bad.map((each) => `${story.name}: ${each}`));
      result.notes.push(`${story.name}: ${told.note}`);
    }
  }
  return { name: 'nats', wanted, seconds: (performance.now() - started) / 1000, ...result };
}

interface Stage {
  readonly story: Story;
  readonly options: TierOptions;
  readonly folder: string;
  readonly data: Data;
  readonly servers: readonly Server[];
  readonly link: Link;
  readonly random: Random;
  readonly workers: Worker[];
  readonly past: Worker[];
  /** Outputs that one conversion writes. */
  readonly expected: number;
  /** Moments at which partitions lost their worker. */
  readonly orphaned: { readonly at: number; readonly log: string }[];
  number: number;
}

interface Worker {
  readonly running: Running;
  readonly state: string;
}

async function play(
  story: Story,
  options: TierOptions,
): Promise<{ readonly ran: number; readonly bad: readonly string[]; readonly note: string }> {
  const folder = join(options.folder, story.name);
  mkdirSync(folder, { recursive: true });
  const seed = `${options.seed ?? SEED}/${story.name}`;
  const data = await prepareData(join(folder, 'data'), story.calls, seed, story.open);
  const one = await convertOnce(options.program, folder, data);
  const servers = await startServers(folder, story.servers, PARTITIONS);
  const link = await linkTo(servers);
  let running: readonly Worker[] = [];
  try {
    const stage: Stage = {
      ...{ story, options, folder, data, servers, link, random: createRandom(seed), expected: one.lines.length, number: 0 },
      ...{ workers: [], past: [], orphaned: [] },
    };
    running = stage.workers;
    await command(stage, [
      'setup',
      ...streams(stage),
      '--partitions',
      String(PARTITIONS),
      '--replicas',
      String(Math.min(3, story.servers)),
    ]);
    await command(stage, ['publish', data.ndjson, '--to', urlOf(stage, 'CCC_V1')]);
    for (let count = 0; count < story.workers; count += 1) stage.workers.push(start(stage));
    const began = performance.now();
    const acts = await disturb(stage);
    await settled(stage, stage.expected);
    const seconds = (performance.now() - began) / 1000;
    // Whatever is put out twice comes now.
    await sleep(5_000);
    const bad = await stopAll(stage);
    const lines = await outputsOf(link);
    bad.push(...differences(lines.events, one.lines));
    if (lines.dead !== one.dead) bad.push(`${lines.dead} dead letters instead of ${one.dead}`);
    const takeovers = takeoverTimes(stage);
    const slow = takeovers.filter((millis) => millis > LONGEST_TAKEOVER);
    if (slow.length > 0) bad.push(`partitions were without a worker for ${slow.join(', ')} ms`);
    const longest = takeovers.length === 0 ? '' : `, a partition without a worker for ${Math.round(Math.max(...takeovers))} ms at most`;
    return { ran: acts, bad, note: `${lines.events.length} events in ${seconds.toFixed(0)} s${longest}` };
  } finally {
    for (const worker of running) worker.running.kill('SIGKILL');
    await link.close();
    for (const server of servers) await server.kill();
  }
}

async function convertOnce(
  program: string,
  folder: string,
  data: Data,
): Promise<{ readonly lines: readonly string[]; readonly dead: number }> {
  const output = join(folder, 'one.ndjson');
  await startProgram(['convert', data.ndjson, '--ids', data.ids, '-o', output, '--dead-letters', `${output}.dead`, '-q'], program).ended;
  return { lines: linesOf(output), dead: linesOf(`${output}.dead`).length };
}

function linesOf(path: string): readonly string[] {
  return readFileSync(path, 'utf8').split('\n').slice(0, -1);
}

function urlOf({ servers }: Stage, stream: string): string {
  return `nats://${servers.map(({ port }) => `127.0.0.1:${port}`).join(',')}/${stream}`;
}

function streams(stage: Stage): readonly string[] {
  return ['--source', urlOf(stage, 'CCC_V1'), '--sink', urlOf(stage, 'CCC_V2')];
}

/** A cluster may need some time to choose its leaders. */
async function command(stage: Stage, args: readonly string[]): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const running = startProgram(args, stage.options.program);
    const exit = await running.ended;
    if (exit === 0) return;
    if (tries > 20) throw new Error(`${args[0]}: exit ${exit}: ${running.log()}`);
    await sleep(1_000);
  }
}

/** A worker with a disk of its own, or with that of one that is gone. */
function start(stage: Stage, state: string = join(stage.folder, `worker-${stage.number}`)): Worker {
  stage.number += 1;
  const { options, data } = stage;
  const args = ['work', ...streams(stage), '--state', state, '--ids', data.ids, '--rest-after', '4s', '--snapshot-every', '5s'];
  return { running: startProgram(args, options.program), state };
}

/** What happens to workers and servers, spread over the work; returns how much did. */
async function disturb(stage: Stage): Promise<number> {
  const { story, random } = stage;
  const acts = [
    ...Array.from({ length: story.kills }, () => () => kill(stage)),
    ...Array.from({ length: story.handovers }, () => () => handOver(stage)),
    ...(story.leaderDies ? [() => killLeader(stage)] : []),
  ];
  const order = acts.map((act) => ({ act, at: random.next() })).sort((a, b) => a.at - b.at);
  for (const [index, { act }] of order.entries()) {
    await settled(stage, Math.floor((stage.expected * (index + 1)) / (order.length + 2)));
    await act();
    if (story.joins && index === Math.floor(order.length / 2)) stage.workers.push(start(stage));
  }
  return order.length;
}

async function kill(stage: Stage): Promise<void> {
  const { workers, random, past, orphaned } = stage;
  await sleep(random.int(0, 1_500));
  const at = random.int(0, workers.length - 1);
  const worker = workers[at] as Worker;
  worker.running.kill('SIGKILL');
  await worker.running.ended;
  orphaned.push({ at: Date.now(), log: worker.running.log() });
  past.push(worker);
  await sleep(random.int(0, 2_000));
  // The same machine again, or another one that knows nothing.
  workers[at] = start(stage, random.chance(0.5) ? worker.state : undefined);
}

async function handOver(stage: Stage): Promise<void> {
  const { workers, past } = stage;
  const worker = workers.shift() as Worker;
  worker.running.kill('SIGTERM');
  past.push(worker);
  workers.push(start(stage));
  const exit = await worker.running.ended;
  // One that has hardly begun ends as any process does.
  const hasBegun = worker.running.log() !== '';
  if (exit !== 0 && (hasBegun || exit !== 'SIGTERM'))
    throw new Error(`a worker that was asked to stop ended with ${exit}: ${worker.running.log().slice(-500)}`);
}

async function killLeader({ link, servers }: Stage): Promise<void> {
  const { cluster } = await link.manager.streams.info('CCC_V1');
  const leader = servers.find(({ name }) => name === cluster?.leader);
  if (leader === undefined) throw new Error(`no server is the leader: ${cluster?.leader}`);
  await leader.kill();
  await sleep(5_000);
  leader.start();
}

/** Waits until so much has been put out. */
async function settled({ link, workers }: Stage, count: number): Promise<void> {
  let last = -1;
  for (let since = performance.now(); ; ) {
    const messages = await link.manager.streams.info('CCC_V2', { subjects_filter: 'ccc.v2.dead.>' }).then(
      ({ state }) => state.messages - Object.values(state.subjects ?? {}).reduce((sum, each) => sum + each, 0),
      () => last,
    );
    if (messages >= count) return;
    if (messages !== last) since = performance.now();
    last = messages;
    if (performance.now() - since > LONGEST_SILENCE) {
      throw new Error(`${messages} of ${count} events, and no more: ${workers.map(({ running }) => running.log().slice(-600)).join('\n')}`);
    }
    await sleep(100);
  }
}

async function stopAll({ workers }: Stage): Promise<string[]> {
  for (const { running } of workers) running.kill('SIGTERM');
  const bad: string[] = [];
  for (const { running } of workers) {
    const exit = await Promise.race([running.ended, sleep(30_000).then(() => 'hangs')]);
    if (exit !== 0) bad.push(`a worker ended with ${exit}: ${running.log().slice(-500)}`);
    if (exit === 'hangs') running.kill('SIGKILL');
  }
  return bad;
}

async function outputsOf({ js }: Link): Promise<{ readonly events: readonly string[]; readonly dead: number }> {
  const events: string[] = [];
  await eachBehind(js, 'CCC_V2', 'ccc.v2.out.>', 0, (message) => events.push(message.string()), { bodies: true });
  let dead = 0;
  await eachBehind(js, 'CCC_V2', 'ccc.v2.dead.>', 0, () => {
    dead += 1;
  });
  return { events, dead };
}

/** What differs, call by call and agent by agent. */
function differences(ours: readonly string[], theirs: readonly string[]): readonly string[] {
  const [a, b] = [grouped(ours), grouped(theirs)];
  const bad = [...new Set([...a.keys(), ...b.keys()])].filter((key) => (a.get(key) ?? []).join('\n') !== (b.get(key) ?? []).join('\n'));
  const told = bad.slice(0, 3).map((key) => {
    const [got, wanted] = [a.get(key) ?? [], b.get(key) ?? []];
    const at = wanted.findIndex((line, index) => line !== got[index]);
    return `${key}: ${got.length} events instead of ${wanted.length}; event ${at}: ${got[at]?.slice(0, 200)} instead of ${wanted[at]?.slice(0, 200)}`;
  });
  return bad.length === 0 ? [] : [`${bad.length} of ${b.size} calls and agents differ`, ...told];
}

function grouped(lines: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const line of lines) {
    const { contactId, agentId } = JSON.parse(line) as { readonly contactId?: string; readonly agentId?: string };
    const key = contactId ?? `agent ${agentId}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [line]);
    else group.push(line);
  }
  return groups;
}

/** From the moment at which a worker was killed to the one at which another one worked on its partitions. */
function takeoverTimes({ orphaned, workers, past }: Stage): readonly number[] {
  const taken = [...past, ...workers].flatMap(({ running }) => happenings(running.log(), 'works on a partition'));
  return orphaned.flatMap(({ at, log }) => {
    const left = new Set(happenings(log, 'has handed a partition over').map(({ partition }) => partition));
    const had = new Set(happenings(log, 'works on a partition').map(({ partition }) => partition));
    return [...had].flatMap((partition) => {
      if (left.has(partition)) return [];
      const next = taken.filter((each) => each.partition === partition && each.at > at).map((each) => each.at - at);
      return next.length === 0 ? [] : [Math.min(...next)];
    });
  });
}

function happenings(log: string, message: string): readonly { readonly partition: number; readonly at: number }[] {
  return log
    .split('\n')
    .filter((line) => line.includes(message))
    .flatMap((line) => {
      try {
        const { partition, time } = JSON.parse(line) as { readonly partition: number; readonly time: string };
        return [{ partition, at: Date.parse(time) }];
      } catch {
        return [];
      }
    });
}

await runAlone(nats, import.meta.url);
