import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { generateCalls } from './generate/calls.ts';
import { parseOptions, USAGE } from './generate/flags.ts';
import type { GenerateOptions } from './generate/options.ts';

/** Writes lines to a file in blocks of a mebibyte, so that memory stays flat. */
function lineWriter(path: string): { write(line: string): void; close(): void } {
  const file = openSync(path, 'w');
  let [block, size]: [string[], number] = [[], 0];
  const flush = (): void => {
    if (block.length > 0) writeSync(file, `${block.join('\n')}\n`);
    [block, size] = [[], 0];
  };
  return {
    write: (line) => {
      block.push(line);
      size += line.length;
      if (size > 1 << 20) flush();
    },
    close: () => {
      flush();
      closeSync(file);
    },
  };
}

/** Writes the two streams; returns the counts by event type and scenario. */
function writeStreams(directory: string, options: Partial<GenerateOptions>): unknown {
  const { options: settings, ids, items } = generateCalls(options);
  const [legacy, truth] = [lineWriter(join(directory, 'legacy.ndjson')), lineWriter(join(directory, 'truth.ndjson'))];
  const counts = { legacy: 0, duplicates: 0, truth: 0, synthesized: 0, unprovable: 0 };
  const types: Record<string, number> = {};
  for (const item of items) {
    if (item.legacy !== undefined) {
      legacy.write(item.legacy.line);
      counts.legacy += 1;
      if (item.legacy.duplicate) counts.duplicates += 1;
    }
    for (const event of item.truth) {
      truth.write(event.line);
      counts.truth += 1;
      if (event.kind === 'synthesized') counts.synthesized += 1;
      if (!event.survived) counts.unprovable += 1;
      types[event.type] = (types[event.type] ?? 0) + 1;
    }
  }
  legacy.close();
  truth.close();
  writeFileSync(
    join(directory, 'ids.csv'),
    ['kind,legacy,current', ...ids.map((row) => `${row.kind},${row.legacy},${row.current}`), ''].join('\n'),
  );
  return { settings, counts, truthTypes: types };
}

function main(): void {
  const { values } = parseArgs({ options: { ...USAGE.options, out: { type: 'string' }, help: { type: 'boolean' } } });
  if (values.help === true || values.out === undefined) {
    console.error(USAGE.text);
    process.exitCode = values.help === true ? 0 : 2;
    return;
  }
  mkdirSync(values.out, { recursive: true });
  const manifest = writeStreams(values.out, parseOptions(values));
  writeFileSync(join(values.out, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  console.log(JSON.stringify(manifest));
}

main();
