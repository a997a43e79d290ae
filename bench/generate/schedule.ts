import type { Stage } from './call.ts';
import { createHeap, type Heap } from './heap.ts';
import type { GenerateOptions } from './options.ts';
import type { Played } from './played.ts';
import { createRandom } from './random.ts';
import { playScene } from './scenes/table.ts';
import { checkIn, checkOut } from './steps/idle.ts';
import { addRecords } from './steps/record.ts';
import type { Agent, World } from './world.ts';

/** No scene needs more agents than this. */
const SPARE_AGENTS = 4;
/** Mean length of a call at the usual pace: calls start at this over the number that may be open. */
const MEAN_CALL = 60_000;
/** Contact ids are this far apart: the ids between are the legs. */
const CONTACT_STEP = 32;

/** Events of one call or agent, in order of time, of which the next one stands at `index`. */
interface Part {
  readonly events: readonly Played[];
  index: number;
}

interface Floor {
  readonly stage: Stage;
  /** Parts by the time of their next event. */
  readonly parts: Heap<Part>;
  readonly idle: Agent[];
  readonly busy: Heap<Agent>;
  /** Agents that the scene being played has taken. */
  readonly taken: Agent[];
}

function openFloor(world: World, options: GenerateOptions): Floor {
  const random = createRandom(`${options.seed}/calls`);
  const [idle, taken]: [Agent[], Agent[]] = [[], []];
  let [events, contacts] = [0, 3_000_000_000];
  const stage: Stage = {
    random,
    world,
    oneConnectId: options.connectIds === 'call',
    consultType: options.consultType,
    pace: options.pace,
    nextEventId: () => events++,
    nextContactId: () => {
      contacts += CONTACT_STEP;
      return contacts;
    },
    take: (group) => {
      let index = 0;
      for (let tries = 0; tries < 12; tries++) {
        index = Math.floor(random.next() * idle.length);
        if (group === undefined || idle[index]?.groups.includes(group)) break;
      }
      const [agent, last] = [idle[index], idle.pop()];
      if (agent === undefined || last === undefined) return undefined;
      if (agent !== last) idle[index] = last;
      taken.push(agent);
      return agent;
    },
  };
  return { stage, parts: createHeap(), idle, busy: createHeap(), taken };
}

function addPart({ parts }: Floor, events: Played[]): void {
  events.sort((a, b) => a.time - b.time || a.id - b.id);
  const first = events[0];
  if (first !== undefined) parts.push(first.time, { events, index: 0 });
}

/** Emits what happens before the given moment. */
function* emitUntil({ parts }: Floor, time: number): Generator<Played> {
  while (parts.peekKey() < time) {
    const part = parts.peek();
    const event = part?.events[part.index];
    if (part === undefined || event === undefined) return;
    yield event;
    part.index += 1;
    const next = part.events[part.index];
    if (next === undefined) parts.pop();
    else parts.rekeyFirst(next.time);
  }
}

/** Everybody whose last part is over may take a call. Returns the moment from which enough of them are free. */
function freeAgents({ idle, busy }: Floor, from: number): number {
  let now = from;
  for (;;) {
    while (busy.peekKey() <= now) {
      const agent = busy.pop();
      if (agent !== undefined) idle.push(agent);
    }
    if (idle.length >= SPARE_AGENTS) return now;
    now = busy.peekKey();
    if (now === Number.POSITIVE_INFINITY) throw new Error(`the call centre needs at least ${SPARE_AGENTS} agents`);
  }
}

/** Plays one call from `now` on; returns when it ends, records aside. */
function playCall(floor: Floor, now: number): number {
  const { stage, taken, busy } = floor;
  const call = playScene(stage, now);
  const end = call.now;
  addPart(floor, call.events.splice(0));
  addRecords(call);
  for (const agent of taken.splice(0)) {
    agent.freeAt += stage.random.int(50, 2000);
    busy.push(agent.freeAt, agent);
  }
  addPart(floor, call.events);
  return end;
}

function checkAllIn(floor: Floor, start: number): void {
  for (const agent of floor.stage.world.agents) {
    const events: Played[] = [];
    checkIn(floor.stage, events, agent, start + floor.stage.random.int(0, 60_000));
    addPart(floor, events);
    floor.busy.push(agent.freeAt + 50, agent);
  }
}

function checkAllOut(floor: Floor, now: number): void {
  for (const agent of floor.stage.world.agents) {
    const events: Played[] = [];
    checkOut(floor.stage, events, agent, Math.max(now, agent.freeAt) + floor.stage.random.int(1000, 60_000));
    addPart(floor, events);
  }
}

/** Plays the whole day in order of time. Memory holds the open calls and the records that are still to come. */
export function* playDay(world: World, options: GenerateOptions): Generator<Played> {
  const floor = openFloor(world, options);
  checkAllIn(floor, options.start);
  const ends = createHeap<undefined>();
  let now = options.start + 1000;
  for (let calls = 0; calls < options.calls; calls++) {
    now += Math.ceil((-Math.log(1 - floor.stage.random.next()) * MEAN_CALL * options.pace) / options.open);
    while (ends.peekKey() <= now) ends.pop();
    while (ends.size >= options.open) {
      now = Math.max(now, ends.peekKey());
      ends.pop();
    }
    now = freeAgents(floor, now);
    yield* emitUntil(floor, now);
    ends.push(playCall(floor, now), undefined);
  }
  checkAllOut(floor, now);
  yield* emitUntil(floor, Number.POSITIVE_INFINITY);
}
