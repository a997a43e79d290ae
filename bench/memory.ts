import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { playCentres } from './measure/centres.ts';
import { DATA } from './measure/data.ts';
import type { Usage } from './measure/measured.ts';
import { measured, ROOT } from './measure/measured.ts';

/** Highest resident set that is promised, MiB. */
const LIMIT = 300;
const OUT = join(DATA, 'memory');

/** Converts what is fed to its standard input, with everything on; the program may not hold it. */
function convert(input: Iterable<string | Uint8Array>, flags: readonly string[] = []): Promise<Usage> {
  const output = relative(ROOT, join(OUT, 'current.ndjson'));
  const args = ['bin/ccc-upcast.js', 'convert', '-', '-o', output, '--provenance', `${output}.provenance`, '--force', ...flags];
  // A pipe that breaks is told by how the program ended.
  return measured(args, (stdin: Writable) => pipeline(input, stdin).catch(() => {}));
}

/** A line of so many bytes that never becomes an event, and one event after it. */
function* longLine(bytes: number): Generator<Uint8Array> {
  const part = Buffer.alloc(1 << 20, 'A');
  yield Buffer.from('{"EventType":"AgentReady","agentId":"');
  for (let sent = 0; sent < bytes; sent += part.length) yield part;
  yield Buffer.from('"}\n{"EventTime":"2021-03-01T00:00:00Z","EventType":"AgentReady","agentId":"1@old"}\n');
}

/** True if the run ended as it should, within the limit. */
function tell(what: string, usage: Usage, exit: number): boolean {
  const passed = usage.exit === exit && usage.peak <= LIMIT;
  console.log(
    `${what}: peak RSS ${usage.peak.toFixed(0)} MiB of ${LIMIT}, ${usage.wall.toFixed(0)} s, exit ${usage.exit}: ${passed ? 'ok' : 'FAILED'}`,
  );
  if (!passed) console.log(usage.told);
  return passed;
}

async function manyCalls(calls: number, open: number, centres: number, pace: number): Promise<boolean> {
  const { ids, fed, blocks } = playCentres(centres, Math.ceil(calls / centres), Math.ceil(open / centres), pace);
  const table = join(OUT, 'ids.csv');
  writeFileSync(table, ['kind,legacy,current', ...ids.map((row) => `${row.kind},${row.legacy},${row.current}`), ''].join('\n'));
  const usage = await convert(blocks, ['--ids', table]);
  const what = `${fed.events.toLocaleString('en')} events (${(fed.bytes / 2 ** 20).toFixed(0)} MiB), ${ids.length.toLocaleString('en')} ids`;
  return tell(`${what}, at most ${fed.mostOpen.toLocaleString('en')} calls open at once`, usage, 0);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      calls: { type: 'string', default: '350000' },
      open: { type: 'string', default: '130000' },
      centres: { type: 'string', default: '1' },
      // Calls of five minutes: shorter ones are 20,000 events a second at so many calls, which no centre has.
      pace: { type: 'string', default: '5' },
      line: { type: 'string', default: String(2 ** 30) },
    },
  });
  // What an earlier run left, which did not come to its end.
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT, { recursive: true });
  const line = Number(values.line);
  const long = tell(`a line of ${(line / 2 ** 20).toFixed(0)} MiB`, await convert(longLine(line)), 3);
  const many = await manyCalls(Number(values.calls), Number(values.open), Number(values.centres), Number(values.pace));
  rmSync(OUT, { recursive: true });
  if (!long || !many) process.exitCode = 1;
}

await main();
