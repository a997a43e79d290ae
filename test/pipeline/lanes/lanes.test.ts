import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConvertJob } from '../../../src/pipeline/job.ts';
import type { LaneOrder } from '../../../src/pipeline/lanes/messages.ts';
import { runConvert } from '../../../src/pipeline/run.ts';
import { openSqlite } from '../../../src/store/sqlite.ts';
import { hardLog, logs, settings } from '../hard-log.ts';
import { filesOf, jobIn, put } from '../jobs.ts';
import type { Ran } from '../ran.ts';
import { differences, told } from '../ran.ts';
import { sameThread } from './same-thread.ts';

/** However many lanes share the work, the files are those of a run without (semantics, section 4: number of threads). */
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ccc-lanes-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const fresh = (name: string): string => mkdtempSync(join(folder, name));

async function ran(job: ConvertJob, start = sameThread()): Promise<Ran> {
  const result = await runConvert(job, start);
  expect(result.imbalances).toEqual([]);
  return { files: filesOf(job), told: told(result) };
}

async function both(inputs: readonly string[], lanes: number, change: Partial<ConvertJob>): Promise<readonly [Ran, Ran]> {
  const one = await jobIn(fresh('one-'), inputs, { ...change, lanes: 1 });
  const many = await jobIn(fresh('many-'), inputs, { ...change, lanes });
  return [await ran(one), await ran(many)];
}

describe('lanes give the bytes, the books and the report of a run without', () => {
  it('whatever the log, the number of lanes and the waits', { timeout: 240_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(logs, settings, async (log, { lanes, ...change }) => {
        const { lines, ids } = hardLog(log);
        const [one, many] = await both([put(fresh('in-'), 'in', `${lines.join('\n')}\n`)], lanes, { ids, ...change });
        expect(differences(folder, many, one)).toEqual([]);
      }),
      { numRuns: 30, seed: 20210314 },
    );
  });

  const log = () => hardLog({ seed: 'a', late: [0, 0, 0, 9000, 0, 60_000], without: ['CallReleased'] });
  const text = () => `${log().lines.join('\n')}\n`;

  it('and the hard log holds what it should', async () => {
    const [one] = await both([put(folder, 'in', text())], 2, { ids: log().ids });
    for (const sign of ['late ', 'elsewhere', 'duplicates', 'set aside', 'bad-json', 'unknown-type']) {
      expect(one.told, sign).toContain(sign);
    }
    const { provenance = '' } = one.files;
    expect(provenance).toContain('"kind":"copied"');
  });

  it.each([
    ['gzip', () => [put(folder, 'in.gz', gzipSync(text()))], {}],
    ['several inputs, one after the other', () => halves(), {}],
    ['several inputs, merged', () => halves(), { merge: true }],
    ['provenance in the events', () => [put(folder, 'in', text())], { provenance: { kind: 'field' } }],
    [
      'provenance nowhere, nothing of what was dropped',
      () => [put(folder, 'in', text())],
      { provenance: { kind: 'none' }, dropped: undefined },
    ],
    ['without a state', () => [put(folder, 'in', text())], { state: undefined }],
    ['an empty input', () => [put(folder, 'in', '')], {}],
  ] as const)('%s', async (_, inputs, change) => {
    const [one, many] = await both(inputs(), 3, { ids: log().ids, ...(change as Partial<ConvertJob>) });
    expect(differences(folder, many, one)).toEqual([]);
  });

  function halves(): string[] {
    const { lines } = log();
    return [0, 1].map((part) => put(folder, `in${part}`, `${lines.filter((_, index) => index % 2 === part).join('\n')}\n`));
  }

  it('compressed outputs, whose members end at the checkpoints', async () => {
    const input = put(folder, 'in', text());
    const jobs = await Promise.all(
      [1, 3].map(async (lanes) => {
        const at = fresh('gz-');
        return jobIn(at, [input], { ids: log().ids, lanes, output: join(at, 'out.gz') });
      }),
    );
    const [one, many] = jobs as [ConvertJob, ConvertJob];
    await ran(one);
    await ran(many);
    expect(readFileSync(many.output).equals(readFileSync(one.output))).toBe(true);
    expect(gunzipSync(readFileSync(one.output)).length).toBeGreaterThan(10_000);
  });

  it('and leave one state, from which a shim can take over, and none of their own', async () => {
    const input = put(folder, 'in', text());
    const [one, many] = await Promise.all([1, 3].map((lanes) => jobIn(fresh('state-'), [input], { ids: log().ids, lanes })));
    await ran(one as ConvertJob);
    await ran(many as ConvertJob);
    expect(callsIn(many?.state)).toEqual(callsIn(one?.state));
    expect(callsIn(one?.state).length).toBeGreaterThan(10);
    for (const lane of [0, 1, 2]) expect(existsSync(`${many?.state}.lane-${lane}`)).toBe(false);
    // Finished is finished, with or without lanes.
    await expect(runConvert({ ...(many as ConvertJob), lanes: 1 })).resolves.toMatchObject({ ending: 'again' });
  });

  function callsIn(state: string | undefined): readonly (readonly [string, string])[] {
    const store = openSqlite(state ?? '');
    try {
      store.verify();
      const contacts = new Set(log().lines.flatMap((line) => /"contactId":"?(\d+)/.exec(line)?.[1] ?? []));
      const found = [...contacts].map((contact) => [contact, Buffer.from(store.load(contact) ?? []).toString('latin1')] as const);
      return found.filter(([, body]) => body !== '');
    } finally {
      store.close();
    }
  }
});

describe('lanes that are stopped go on where they were', () => {
  const { lines, ids } = hardLog({ seed: 'b', late: [0, 0, 9000, 0, 60_000], without: ['CallReleased'] });
  const input = (): string => put(folder, 'in', `${lines.join('\n')}\n`);

  const parts = (): string[] =>
    [0, 1].map((part) => put(folder, `in${part}`, `${lines.filter((_, index) => index % 2 === part).join('\n')}\n`));

  it.each([
    ['one input', () => [input()], {}],
    ['compressed', () => [put(folder, 'in.gz', gzipSync(readFileSync(input())))], {}],
    ['several, one after the other', parts, {}],
    ['several, merged', parts, { merge: true }],
  ] as const)('at every checkpoint by a signal, %s', async (_, inputs, change) => {
    const at = inputs();
    const one = await ran(await jobIn(fresh('one-'), at, { ids, ...change }));
    const job = await jobIn(fresh('many-'), at, { ids, lanes: 3, ...change });
    let stops = 0;
    for (;;) {
      try {
        const result = await runConvert({ ...job, signal: AbortSignal.abort('SIGTERM') }, sameThread());
        expect(differences(folder, { files: filesOf(job), told: told(result) }, one)).toEqual([]);
        break;
      } catch (error) {
        expect(error).toMatchObject({ code: 'stopped', exit: 143 });
        stops += 1;
      }
    }
    expect(stops).toBeGreaterThan(3);
  });

  it('wherever a crash comes between the commit of the run and those of its lanes', async () => {
    const at = input();
    const one = await ran(await jobIn(fresh('one-'), [at], { ids }));
    let crashes = 0;
    for (let border = 1; border <= 4; border += 1) {
      for (const reached of [[], [0], [2], [0, 1]]) {
        const job = await jobIn(fresh('many-'), [at], { ids, lanes: 3 });
        let commits = 0;
        const wire = (lane: number, order: LaneOrder): boolean => {
          if (order.kind !== 'commit') return true;
          commits += lane === 0 ? 1 : 0;
          if (commits < border) return true;
          if (commits === border && lane === 2) setImmediate(() => crash.abort());
          return commits === border && reached.includes(lane);
        };
        const crash = new AbortController();
        const start = sameThread(wire);
        const crashing = runConvert(job, (begin, hear) => {
          crash.signal.addEventListener('abort', () =>
            hear({ kind: 'failed', error: { code: 'crash', message: '', exit: 1, place: undefined, hint: undefined, stack: undefined } }),
          );
          return start(begin, hear);
        });
        await crashing.then(
          () => {},
          (error: unknown) => {
            expect(error).toMatchObject({ code: 'crash' });
            crashes += 1;
          },
        );
        // With another number of lanes than it began with: the state knows better.
        const after = await ran({ ...job, lanes: 5 });
        expect(differences(folder, after, one)).toEqual([]);
      }
    }
    expect(crashes).toBeGreaterThan(8);
  });

  it('but not as a run that ends at the first bad record, or stays open (76): lanes cannot', async () => {
    const job = await jobIn(fresh('many-'), [input()], { ids, lanes: 2 });
    await expect(runConvert({ ...job, signal: AbortSignal.abort('SIGTERM') }, sameThread())).rejects.toMatchObject({ code: 'stopped' });
    for (const change of [{ strict: true }, { keepOpen: true }]) {
      await expect(runConvert({ ...job, ...change }, sameThread())).rejects.toMatchObject({ code: 'begun-in-lanes', exit: 76 });
    }
    await expect(runConvert(job, sameThread())).resolves.toMatchObject({ ending: 'done' });
  });

  it('but not with the lane of another run (76)', async () => {
    const at = input();
    const [first, second] = await Promise.all([1, 2].map(() => jobIn(fresh('many-'), [at], { ids, lanes: 2 })));
    const stopped = AbortSignal.abort('SIGTERM');
    for (const job of [first, second]) {
      for (let times = 0; times < 2; times += 1) {
        await expect(runConvert({ ...(job as ConvertJob), signal: stopped }, sameThread())).rejects.toMatchObject({ code: 'stopped' });
      }
    }
    rmSync(`${first?.state}.lane-1`);
    put(first?.state?.replace(/\/state$/, '') ?? '', 'state.lane-1', readFileSync(`${second?.state}.lane-1`));
    await expect(runConvert(first as ConvertJob, sameThread())).rejects.toMatchObject({ code: 'state-damaged', exit: 76 });
    await expect(runConvert({ ...(first as ConvertJob), restart: true }, sameThread())).resolves.toMatchObject({ ending: 'done' });
  });
});

it('what a lane finds wrong with an input ends the run as it would without', async () => {
  const { lines, ids } = hardLog({ seed: 'c', late: [0], without: [] });
  const input = put(folder, 'in.gz', gzipSync(`${lines.join('\n')}\n`).subarray(0, 4000));
  const errors: unknown[] = [];
  for (const lanes of [1, 3]) {
    const job = await jobIn(fresh('broken-'), [input], { ids, lanes });
    await runConvert(job, sameThread()).catch((error: { code: string; exit: number; place: string; message: string }) => {
      errors.push([error.code, error.exit, error.place, error.message, readFileSync(`${job.output}.partial`, 'latin1').length > 0]);
    });
  }
  expect(errors[1]).toEqual(errors[0]);
  expect(errors).toHaveLength(2);
});
