import { spawnSync } from 'node:child_process';
import { createReadStream, createWriteStream, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { ROOT } from './measured.ts';

/** Where the benchmark keeps what it makes; not in the repository. */
export const DATA: string = join(ROOT, 'bench/data');

/** The data of a benchmark, made once. Paths from the project's folder. */
export interface BenchData {
  readonly ndjson: string;
  readonly ids: string;
  readonly events: number;
  readonly bytes: number;
}

/** The generator's log of so many calls; made if it is missing. `pace`: how many times longer people talk. */
export function benchData(calls: number, open: number, pace = 1): BenchData {
  const folder = join(DATA, `${calls}-${open}${pace === 1 ? '' : `-x${pace}`}`);
  const manifest = join(folder, 'manifest.json');
  if (!existsSync(manifest)) {
    process.stderr.write(`making ${relative(ROOT, folder)} …\n`);
    const flags = ['--calls', String(calls), '--open', String(open), '--pace', String(pace), '--seed', '1', '--out', folder];
    mkdirSync(folder, { recursive: true });
    const run = spawnSync(process.execPath, ['--import', 'tsx', 'bench/generate.ts', ...flags], { cwd: ROOT, stdio: 'ignore' });
    if (run.status !== 0) throw new Error('the generator failed');
    rmSync(join(folder, 'truth.ndjson'));
  }
  const { counts } = JSON.parse(readFileSync(manifest, 'utf8')) as { counts: { legacy: number } };
  const ndjson = join(folder, 'legacy.ndjson');
  return {
    ndjson: relative(ROOT, ndjson),
    ids: relative(ROOT, join(folder, 'ids.csv')),
    events: counts.legacy,
    bytes: statSync(ndjson).size,
  };
}

/** The same events as one JSON array. */
export function asArray(data: BenchData): Promise<string> {
  return made(data.ndjson.replace(/ndjson$/, 'json'), async function* () {
    let before = '[\n';
    for await (const line of createInterface({ input: createReadStream(join(ROOT, data.ndjson)), crlfDelay: Number.POSITIVE_INFINITY })) {
      yield `${before}${line}`;
      before = ',\n';
    }
    yield '\n]\n';
  });
}

/** The same file, compressed. */
export function asGzip(data: BenchData): Promise<string> {
  return made(`${data.ndjson}.gz`, () => createReadStream(join(ROOT, data.ndjson)).pipe(createGzip()));
}

async function made(path: string, source: () => AsyncIterable<string | Buffer>): Promise<string> {
  const target = join(ROOT, path);
  if (existsSync(target)) return path;
  process.stderr.write(`making ${path} …\n`);
  await pipeline(source, createWriteStream(`${target}.partial`));
  renameSync(`${target}.partial`, target);
  return path;
}
