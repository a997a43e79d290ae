import type { StreamConfig, StreamInfo } from '@nats-io/jetstream';
import { EXIT, UpcastError } from '../errors.ts';
import type { Link } from './connect.ts';
import { partitionOf, prefixOf } from './connect.ts';

/** What the streams of a divided translation are to be like. */
export interface Plan {
  /** Name of the stream of 1.0 events, and of the one of 2.0 events; undefined: that one is not asked for. */
  readonly source: string | undefined;
  readonly sink: string | undefined;
  readonly partitions: number;
  readonly replicas: number;
  /** How long messages are kept, milliseconds. */
  readonly maxAge: number;
  /** How long a repeated id is recognised by the server, milliseconds. */
  readonly duplicateWindow: number;
}

/** One thing that is to be done, or is as it should be. */
export interface Step {
  readonly what: string;
  readonly state: 'missing' | 'different' | 'right';
  readonly details: string;
  /** Undefined where there is nothing to do. */
  readonly act: (() => Promise<unknown>) | undefined;
}

const MILLION = 1_000_000;
const DESCRIPTION = 'ccc-upcast';

/** What goes with a source stream. */
export interface Names {
  /** Stream of the marks, and its subject. */
  readonly marks: string;
  readonly marksSubject: string;
  /** Buckets: who works on which partition; the state of each. */
  readonly work: string;
  readonly state: string;
}

/** Names that go with a source stream. */
export function namesOf(source: string): Names {
  return { marks: `${source}_MARKS`, marksSubject: `${prefixOf(source)}.marks`, work: `${source}_WORK`, state: `${source}_STATE` };
}

/** The number of partitions that a stream was set up for. Errors: `no-stream` (66), `not-set-up` (78). */
export async function partitionsOf({ manager }: Link, stream: string): Promise<{ readonly partitions: number; readonly replicas: number }> {
  const info = await infoOf(manager, stream);
  if (info === undefined) {
    throw new UpcastError({
      code: 'no-stream',
      exit: EXIT.noInput,
      message: `there is no stream ${stream}`,
      hint: 'ccc-upcast setup makes it',
    });
  }
  const found = /partitions=(\d+)/.exec(info.config.description ?? '');
  if (found === null) {
    throw new UpcastError({
      code: 'not-set-up',
      exit: EXIT.config,
      message: `the stream ${stream} does not say how many partitions it has`,
      hint: 'make it with ccc-upcast setup',
    });
  }
  return { partitions: Number(found[1]), replicas: info.config.num_replicas };
}

/** Compares what is there with a plan. Errors: `partitions-differ` (76): the number of partitions of a stream never changes. */
export async function stepsOf(link: Link, plan: Plan): Promise<readonly Step[]> {
  const steps: Step[] = [];
  const common = { num_replicas: plan.replicas, max_age: plan.maxAge * MILLION, duplicate_window: plan.duplicateWindow * MILLION };
  if (plan.source !== undefined) {
    const prefix = prefixOf(plan.source);
    steps.push(await streamStep(link, plan, plan.source, { ...common, subjects: [`${prefix}.part.>`] }));
    const { marks, marksSubject, work, state } = namesOf(plan.source);
    steps.push(await streamStep(link, plan, marks, { ...common, subjects: [marksSubject] }));
    steps.push(await bucketStep(link, work, 'who works on which partition', plan.replicas));
    steps.push(await bucketStep(link, state, 'the calls that are open in each', plan.replicas));
    steps.push(await mappingStep(link, prefix, plan.partitions));
  }
  if (plan.sink !== undefined) {
    const prefix = prefixOf(plan.sink);
    steps.push(await streamStep(link, plan, plan.sink, { ...common, subjects: [`${prefix}.out.>`, `${prefix}.dead.>`] }));
  }
  return steps;
}

type Wanted = Pick<StreamConfig, 'num_replicas' | 'max_age' | 'duplicate_window' | 'subjects'>;

async function streamStep({ manager }: Link, { partitions }: Plan, name: string, wanted: Wanted): Promise<Step> {
  const description = `${DESCRIPTION} partitions=${partitions}`;
  const info = await infoOf(manager, name);
  const what = `stream ${name}`;
  const details = `${wanted.subjects.join(', ')}; ${wanted.num_replicas} ${wanted.num_replicas === 1 ? 'replica' : 'replicas'}`;
  if (info === undefined) {
    return { what, state: 'missing', details, act: () => manager.streams.add({ name, description, storage: 'file', ...wanted }) };
  }
  const found = /partitions=(\d+)/.exec(info.config.description ?? '')?.[1];
  if (found !== undefined && Number(found) !== partitions) {
    throw new UpcastError({
      code: 'partitions-differ',
      exit: EXIT.stateMismatch,
      message: `the stream ${name} has ${found} partitions, and ${partitions} are asked for`,
      hint: 'calls would change their partition in the middle: set up streams of other names, and move over when these are empty',
    });
  }
  const different = (Object.keys(wanted) as (keyof Wanted)[]).filter(
    (key) => JSON.stringify(info.config[key]) !== JSON.stringify(wanted[key]),
  );
  if (different.length === 0 && found !== undefined) return { what, state: 'right', details, act: undefined };
  return {
    what,
    state: 'different',
    details: `${details} (${[...different, ...(found === undefined ? ['description'] : [])].join(', ')})`,
    act: () => manager.streams.update(name, { ...wanted, description }),
  };
}

async function bucketStep(link: Link, name: string, details: string, replicas: number): Promise<Step> {
  const what = `bucket ${name}`;
  if ((await infoOf(link.manager, `KV_${name}`)) !== undefined) return { what, state: 'right', details, act: undefined };
  return { what, state: 'missing', details, act: () => link.bucket(name, replicas) };
}

/**
 * The mapping of subjects is made where the server is configured. It is proved with a message that no stream keeps: it names a stream that
 * does not exist as the one that is to take it.
 */
async function mappingStep({ connection }: Link, prefix: string, partitions: number): Promise<Step> {
  const token = 'ccc-upcast-setup';
  const rule = `"${prefix}.in.*": "${prefix}.part.{{partition(${partitions},1)}}.{{wildcard(1)}}"`;
  const what = `mapping ${prefix}.in.*`;
  const heard = connection.subscribe(`${prefix}.part.*.${token}`, { max: 1, timeout: 2000 });
  const { headers } = await import('@nats-io/transport-node');
  const proof = headers();
  proof.set('Nats-Expected-Stream', 'ccc-upcast-keeps-this-nowhere');
  await connection.flush();
  connection.publish(`${prefix}.in.${token}`, '', { headers: proof });
  const wanted = `${prefix}.part.${partitionOf(token, partitions)}.${token}`;
  let found: string | undefined;
  try {
    for await (const { subject } of heard) found = subject;
  } catch {
    // Nobody mapped it.
  }
  if (found === wanted) return { what, state: 'right', details: rule, act: undefined };
  return { what, state: found === undefined ? 'missing' : 'different', details: `mappings: { ${rule} }`, act: undefined };
}

async function infoOf(manager: Link['manager'], name: string): Promise<StreamInfo | undefined> {
  try {
    return await manager.streams.info(name);
  } catch (error) {
    if (error instanceof Error && /not found/i.test(error.message)) return undefined;
    throw error;
  }
}
