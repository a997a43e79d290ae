import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { generateCalls } from '../../../bench/generate/calls.ts';
import type { Random } from '../../../bench/generate/random.ts';
import { createRandom } from '../../../bench/generate/random.ts';

/** One generated stream in the forms that an input may have. */
export interface Data {
  readonly ndjson: string;
  /** Three gzip members. */
  readonly gz: string;
  readonly array: string;
  /** The stream dealt out to two files, each in order. */
  readonly halves: readonly [string, string];
  readonly ids: string;
}

/** Open calls at a time: enough that a checkpoint never falls between calls. */
const OPEN = 20;

/** Writes the inputs of a test: about 6.5 KB per call, with events late, doubled and lost, and with records that are no events. */
export async function prepareData(folder: string, calls: number, seed: string, open: number = OPEN): Promise<Data> {
  mkdirSync(folder, { recursive: true });
  const { ids, items } = generateCalls({ calls, seed, open, jitter: 3000, duplicates: 0.02, loss: 0.01 });
  const random = createRandom(`${seed}/bad`);
  const [lines, elements]: [string[], string[]] = [[], []];
  for (const { legacy } of items) {
    if (legacy === undefined) continue;
    if (random.chance(0.03)) lines.push(badLine(random, legacy.line));
    if (random.chance(0.03)) elements.push(badElement(random));
    lines.push(legacy.line);
    elements.push(legacy.line);
  }
  const write = (name: string, content: string | Buffer): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const text = joined(lines);
  const dealt = lines.map(() => random.chance(0.5));
  return {
    ndjson: write('legacy.ndjson', text),
    gz: write('legacy.ndjson.gz', gzipMembers(text, 3)),
    array: write('legacy.json', `[\n${elements.join(',\n')}\n]\n`),
    halves: [
      write('half-1.ndjson', joined(lines.filter((_, index) => dealt[index]))),
      write('half-2.ndjson', joined(lines.filter((_, index) => !dealt[index]))),
    ],
    ids: write('ids.csv', joined(['kind,legacy,current', ...ids.map((row) => `${row.kind},${row.legacy},${row.current}`)])),
  };
}

function joined(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

/** A line that becomes a dead letter, or a blank one. */
function badLine(random: Random, line: string): string {
  return random.pick([line.slice(0, random.int(1, line.length - 1)), `${line},`, '', badElement(random)]);
}

/** Good JSON that is no event: inside an array, anything worse would end the run. */
function badElement(random: Random): string {
  return random.pick(['42', '{}', '{"EventType":"Nonsense","EventTime":"2021-03-01T01:00:00.000Z"}', '{"a":1,"a":2}']);
}

function gzipMembers(text: string, count: number): Buffer {
  const bytes = Buffer.from(text);
  const size = Math.ceil(bytes.length / count);
  return Buffer.concat(Array.from({ length: count }, (_, index) => gzipSync(bytes.subarray(index * size, (index + 1) * size))));
}
