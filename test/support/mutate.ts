import { createRandom, type Random } from '../../bench/generate/random.ts';

/** A change to one line of input. `other` is another line of the same stream. */
type Mutation = (line: Buffer, random: Random, other: Buffer) => Buffer;

const VALUE = /"[^"\\]*"(?=[,}])|-?\d[\d.eE+-]*(?=[,}])|null(?=[,}])/g;
const FIELD = /"([^"\\]*)":("[^"\\]*"|-?\d[\d.eE+-]*|null)/g;
const HUGE = [
  '1E400',
  '-1e-999999',
  '9'.repeat(400),
  '0.'.padEnd(300, '1'),
  '1e309',
  '90071992547409931',
  '-0',
  '1.0',
  '00',
  '+1',
  '.5',
  '1e',
  'NaN',
];
const WRONG = ['null', 'true', '[]', '{}', '[1,2,3]', '{"a":{"b":[null]}}', '""', '0', '-1', '"\\u0000"', '"\\ud800"', '"[object Object]"'];
const ODD_NAMES = [
  'AgentRelease',
  'Muted',
  'agentringing',
  'AGENTTALK',
  '',
  ' ',
  'CallReleased ',
  '__proto__',
  'toString',
  'StopConsultant',
  'IvrTracking',
  '通话',
];
const ODD_TIMES = [
  '"2099-01-01T00:00:00Z"',
  '"1970-01-01T00:00:00Z"',
  '0',
  '-1',
  '1e300',
  '"2021-02-30T00:00:00Z"',
  '"yesterday"',
  '"2021-03-01 08:30:00"',
  '1614558600',
  '""',
  '"2021-03-01T00:30:00.123456789Z"',
];
const ODD_BYTES = ['c3', 'c328', 'edafbf', 'f4908080', 'ff', 'efbbbf', 'e280a8', '80', 'f0808080'].map((hex) => Buffer.from(hex, 'hex'));
const QUOTES = ['"', '\\', '\\"', '\\u', '\\x', '\\/', "'", '\\u0022', '\\ud83d', ','];
const SPACES = ['\t', '\r', ' ', '\u00a0', '\u000b', '\r\n', '\n'];

const at = (line: Buffer, random: Random): number => random.int(0, Math.max(0, line.length - 1));
const spliced = (line: Buffer, from: number, to: number, put: Uint8Array): Buffer =>
  Buffer.concat([line.subarray(0, from), put, line.subarray(to)]);
const inserted = (line: Buffer, random: Random, put: Uint8Array): Buffer => {
  const place = at(line, random);
  return spliced(line, place, place, put);
};

/** Puts another text in the place of one match, chosen at random. */
function replaceOne(line: Buffer, random: Random, pattern: RegExp, make: (match: RegExpMatchArray) => string): Buffer {
  const text = line.toString('latin1');
  const matches = [...text.matchAll(pattern)];
  if (matches.length === 0) return line;
  const match = random.pick(matches);
  const put = Buffer.from(make(match), 'latin1');
  return spliced(line, match.index, match.index + match[0].length, put);
}

const latin = (text: string): string => Buffer.from(text).toString('latin1');

function fieldOf(line: Buffer, key: string): string | undefined {
  return new RegExp(`"${key}":("[^"\\\\]*"|-?[\\d.]+|null)`, 'i').exec(line.toString('latin1'))?.[1];
}

function setField(line: Buffer, random: Random, keys: readonly string[], make: (key: string) => string | undefined): Buffer {
  const key = random.pick(keys);
  const value = make(key);
  return value === undefined
    ? line
    : replaceOne(line, random, new RegExp(`("${key}":)("[^"\\\\]*"|-?[\\d.]+|null)`, 'gi'), (match) => `${match[1]}${value}`);
}

const IDS = ['contactId', 'connectId', 'agentId', 'callType', 'destination', 'transferor', 'skillGroupId', 'EventTime', 'EventType'];

/** Every mutation by name: of bytes, of JSON, of events. */
export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'bit flipped'(line, random) {
    const copy = Buffer.from(line);
    const place = at(line, random);
    if (copy.length > 0) copy[place] = (copy[place] as number) ^ (1 << random.int(0, 7));
    return copy;
  },
  cut: (line, random) => line.subarray(0, at(line, random)),
  'beginning cut': (line, random) => line.subarray(at(line, random)),
  'two in one line': (line, _, other) => Buffer.concat([line, other]),
  'cut into another': (line, random, other) => Buffer.concat([line.subarray(0, at(line, random)), other.subarray(at(other, random))]),
  'bytes twice'(line, random) {
    const from = at(line, random);
    return inserted(line, random, line.subarray(from, from + random.int(1, 60)));
  },
  nul: (line, random) => inserted(line, random, Buffer.alloc(random.pick([1, 2, 16, 5000]))),
  'bad utf-8': (line, random) => inserted(line, random, random.pick(ODD_BYTES)),
  quote: (line, random) => inserted(line, random, Buffer.from(random.pick(QUOTES))),
  space: (line, random) => inserted(line, random, Buffer.from(random.pick(SPACES))),
  'deep nesting'(line, random) {
    const depth = random.pick([10, 60, 63, 64, 65, 1000, 20_000]);
    const [open, close] = random.chance(0.5) ? ['[', ']'] : ['{"a":', '}'];
    const end = random.chance(0.8) ? close.repeat(depth) : '';
    return replaceOne(line, random, VALUE, () => `${open.repeat(depth)}1${end}`);
  },
  'huge number': (line, random) => replaceOne(line, random, VALUE, () => random.pick(HUGE)),
  'wrong type': (line, random) => replaceOne(line, random, VALUE, () => random.pick(WRONG)),
  'long value': (line, random) => replaceOne(line, random, VALUE, () => `"${'x'.repeat(random.pick([100, 5000, 70_000, 300_000]))}"`),
  'no such JSON': (_, random) =>
    Buffer.from(
      random.pick(['', '[]', '"x"', 'null', '{', '}', '[{}]', '{}{}', '{"a":}', 'undefined', '\u001e{}', '{"EventType":"Dialing"}']),
    ),
  'key removed': (line, random) => replaceOne(line, random, /"[^"\\]*":("[^"\\]*"|-?\d[\d.]*|null),/g, () => ''),
  'key doubled': (line, random) => replaceOne(line, random, FIELD, (match) => `${match[0]},"${match[1]}":"again"`),
  'key renamed': (line, random) =>
    replaceOne(
      line,
      random,
      FIELD,
      ([, key = '', value = '']) =>
        `"${random.pick(['__proto__', '', 'x', latin('键'), key.toUpperCase(), `\\u0065${key.slice(1)}`])}":${value}`,
    ),
  'casing changed': (line, random) =>
    replaceOne(
      line,
      random,
      FIELD,
      ([, key = '', value = '']) =>
        `"${/^[A-Z]/.test(key) ? key.slice(0, 1).toLowerCase() : key.slice(0, 1).toUpperCase()}${key.slice(1)}":${value}`,
    ),
  'key escaped': (line, random) =>
    replaceOne(
      line,
      random,
      FIELD,
      ([, key = '', value = '']) => `"${key.replace(/^./, (first) => `\\u${first.charCodeAt(0).toString(16).padStart(4, '0')}`)}":${value}`,
    ),
  'fields swapped'(line, random) {
    const fields = [...line.toString('latin1').matchAll(FIELD)];
    if (fields.length === 0) return line;
    const [one, two] = [random.pick(fields), random.pick(fields)];
    const text = line.toString('latin1').replace(one[0], () => `"${one[1]}":${two[2]}`);
    return Buffer.from(
      text.replace(two[0], () => `"${two[1]}":${one[2]}`),
      'latin1',
    );
  },
  'type renamed': (line, random, other) =>
    setField(line, random, ['EventType'], () =>
      random.chance(0.5) ? fieldOf(other, 'EventType') : latin(JSON.stringify(random.pick(ODD_NAMES))),
    ),
  'time changed': (line, random) => setField(line, random, ['EventTime'], () => random.pick(ODD_TIMES)),
  'id of another event': (line, random, other) => setField(line, random, IDS, (key) => fieldOf(other, key)),
  'operation failed': (line, random) => setField(line, random, ['result'], () => random.pick(['"1"', '3', '"0"', 'null', '{}', '"x"'])),
};

const NAMES = Object.keys(MUTATIONS);

/** A mutated line, and what was done to it. */
export interface Mutated {
  readonly line: Buffer;
  /** Names of the mutations; none for a line that is left as it is. */
  readonly done: readonly string[];
}

/**
 * Passes lines on, most of them mutated once to three times, some as they are so that calls have a context; equal seeds give equal
 * bytes. Ends after `count` mutated lines.
 */
export function* mutate(lines: Iterable<string>, count: number, seed: string): Generator<Mutated> {
  const random = createRandom(`${seed}/mutate`);
  const near: Buffer[] = [];
  let mutated = 0;
  for (const text of lines) {
    if (mutated >= count) return;
    const original = Buffer.from(text);
    near[random.int(0, 30)] = original;
    const done: string[] = [];
    let line: Buffer = original;
    if (random.chance(0.75)) {
      for (let times = random.pick([1, 1, 1, 2, 3]); times > 0; times -= 1) {
        const name = random.pick(NAMES);
        const next = (MUTATIONS[name] as Mutation)(line, random, near[random.int(0, 30)] ?? original);
        if (next.equals(line)) continue;
        line = next;
        done.push(name);
      }
      if (done.length > 0) mutated += 1;
    }
    yield { line, done };
  }
}
