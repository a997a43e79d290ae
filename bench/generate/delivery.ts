import { isoTime } from './forms.ts';
import { createHeap, type Heap } from './heap.ts';
import type { GenerateOptions } from './options.ts';
import type { Played, Truth, TruthKind } from './played.ts';
import { createRandom, fate, type Random } from './random.ts';
import { currentLine, legacyLine, reordered } from './serialize.ts';

/** A 2.0 event of the truth. */
export interface TruthEvent {
  readonly line: string;
  /** Its eventTime. */
  readonly time: string;
  readonly type: string;
  readonly kind: TruthKind;
  readonly contactId: string | undefined;
  /** 2.0 id of the agent. */
  readonly agentId: string | undefined;
  /** Id of the 1.0 event that it came from or came with. */
  readonly source: number;
  /** Ids of the 1.0 events that each alone prove a synthesized event. */
  readonly evidence: readonly number[];
  /** Whether the 1.0 stream still holds its source or, when synthesized, any of its evidence. */
  readonly survived: boolean;
}

/** A 1.0 line as it stands in the file. */
export interface LegacyItem {
  readonly line: string;
  readonly id: number;
  readonly duplicate: boolean;
}

/** One step of the two streams: truth in order of time, 1.0 lines in order of arrival. */
export interface Item {
  readonly legacy: LegacyItem | undefined;
  readonly truth: readonly TruthEvent[];
  readonly contactId: string | undefined;
  readonly scenario: string;
}

/** How far behind a repeat may come. */
const REPEAT_WITHIN = 30_000;

interface Sender {
  readonly options: GenerateOptions;
  readonly random: Random;
  readonly salt: number;
  readonly queue: Heap<Item>;
  readonly instanceId: string;
}

/** Whether an event never reaches the archive: a function of the event alone, so that its fate is known before its turn. */
function isLost({ options, salt }: Sender, event: Played): boolean {
  return (options.without.length > 0 && options.without.includes(event.type)) || (options.loss > 0 && fate(salt, event.id) < options.loss);
}

const NO_EVIDENCE: readonly number[] = [];

function truthEvent(sender: Sender, source: Played, lost: boolean, truth: Truth): TruthEvent {
  const { type, kind, contactId, agentId, evidence } = truth;
  const proven = kind === 'synthesized';
  return {
    line: currentLine(truth, source.time, sender.instanceId),
    time: isoTime(source.time),
    type,
    kind,
    contactId,
    agentId,
    source: source.id,
    evidence: proven ? evidence.map((event) => event.id) : NO_EVIDENCE,
    survived: proven ? !lost || evidence.some((event) => !isLost(sender, event)) : !lost,
  };
}

function send({ options, random, queue }: Sender, event: Played): void {
  const { contactId, scenario, id, time } = event;
  const item = (played: Played, duplicate: boolean): Item => {
    const line = legacyLine(played, options.time, options.casing);
    return { legacy: { line, id, duplicate }, truth: [], contactId, scenario };
  };
  queue.push(time + (options.jitter > 0 ? random.int(0, options.jitter) : 0), item(event, false));
  if (options.duplicates === 0 || !random.chance(options.duplicates)) return;
  const repeat = random.chance(0.3) ? reordered(event) : event;
  queue.push(time + options.jitter + random.int(0, REPEAT_WITHIN), item(repeat, true));
}

function* arrivals(queue: Heap<Item>, until: number): Generator<Item> {
  while (queue.peekKey() < until) {
    const item = queue.pop();
    if (item !== undefined) yield item;
  }
}

/** Turns what was played into the two streams, with the disturbances of the options in the 1.0 stream. */
export function* deliver(day: Iterable<Played>, options: GenerateOptions, instanceId: string): Generator<Item> {
  const random = createRandom(`${options.seed}/delivery`);
  const sender: Sender = { options, random, salt: random.int(0, 0x7fffffff), queue: createHeap(), instanceId };
  const inOrder = options.jitter === 0 && options.duplicates === 0;
  for (const event of day) {
    const { contactId, scenario, id } = event;
    const lost = isLost(sender, event);
    const truth: TruthEvent[] = [];
    for (const one of event.truth) truth.push(truthEvent(sender, event, lost, one));
    if (inOrder) {
      const legacy = lost ? undefined : { line: legacyLine(event, options.time, options.casing), id, duplicate: false };
      yield { legacy, truth, contactId, scenario };
    } else {
      yield* arrivals(sender.queue, event.time);
      if (!lost) send(sender, event);
      yield { legacy: undefined, truth, contactId, scenario };
    }
  }
  yield* arrivals(sender.queue, Number.POSITIVE_INFINITY);
}
