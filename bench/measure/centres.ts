import { generateCalls } from '../generate/calls.ts';
import type { IdRow } from '../generate/world.ts';

/** What was fed so far. */
export interface Fed {
  events: number;
  bytes: number;
  /** Calls with a party on the line, at this moment and at most. */
  open: number;
  mostOpen: number;
}

/** Several call centres in one log. One alone starts at most a call a millisecond, too few to hold 100,000 open. */
export interface Centres {
  readonly ids: readonly IdRow[];
  readonly fed: Fed;
  /** The log in blocks, in order of time; may be read once. */
  readonly blocks: Iterable<string>;
}

const BLOCK = 1 << 18;
const CONTACT_IDS = /\b30(?=\d{8}\b)/g;

/** Call centres of equal size, their days merged by time. */
export function playCentres(centres: number, calls: number, open: number, pace: number): Centres {
  const days = Array.from({ length: centres }, (_, index) => generateCalls({ calls, open, pace, seed: `memory/${index}` }));
  const fed: Fed = { events: 0, bytes: 0, open: 0, mostOpen: 0 };
  const streams = days.map((day, index) => linesOf(day.items, index));
  return { ids: days.flatMap((day) => day.ids), fed, blocks: blocksOf(streams, fed) };
}

/** Contact ids begin anew in each centre: they are moved apart. */
function* linesOf(items: ReturnType<typeof generateCalls>['items'], centre: number): Generator<string> {
  for (const { legacy } of items) if (legacy !== undefined) yield legacy.line.replaceAll(CONTACT_IDS, String(30 + centre));
}

function* blocksOf(streams: readonly Iterator<string>[], fed: Fed): Generator<string> {
  const watch = createWatch(fed);
  const heads = streams.map((stream) => stream.next());
  let block = '';
  for (;;) {
    let first = -1;
    let time = '~';
    for (const [index, head] of heads.entries()) {
      const at = head.done === true ? '~' : (fieldOf(head.value, 'Time') ?? '');
      if (at < time) [first, time] = [index, at];
    }
    const line = heads[first]?.value as string | undefined;
    if (line === undefined) break;
    watch(line);
    block += `${line}\n`;
    heads[first] = (streams[first] as Iterator<string>).next();
    if (block.length < BLOCK) continue;
    yield block;
    block = '';
  }
  yield block;
}

/** A value of the event, by its name less the `event` before it or in full. */
function fieldOf(line: string, name: string): string | undefined {
  const at = line.indexOf(`${name}":"`);
  return at < 0 ? undefined : line.slice(at + name.length + 3, line.indexOf('"', at + name.length + 3));
}

const BEGINS = new Set(['Dialing', 'Ringing', 'Route2IVR', 'CallEstablished']);

/** Counts the calls that have a leg up. */
function createWatch(fed: Fed): (line: string) => void {
  const legs = new Map<string, Set<string>>();
  return (line) => {
    fed.events += 1;
    fed.bytes += Buffer.byteLength(line) + 1;
    const type = fieldOf(line, 'Type') ?? '';
    if (!BEGINS.has(type) && type !== 'CallReleased') return;
    const [contact = '', leg = ''] = [fieldOf(line, 'ontactId'), fieldOf(line, 'onnectId')];
    const up = legs.get(contact) ?? new Set();
    if (type === 'CallReleased') up.delete(leg);
    else up.add(leg);
    if (up.size === 0) legs.delete(contact);
    else legs.set(contact, up);
    fed.open = legs.size;
    fed.mostOpen = Math.max(fed.mostOpen, fed.open);
  };
}
