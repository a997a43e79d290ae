import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { runConvert } from '../../src/pipeline/run.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import { jobIn } from '../pipeline/jobs.ts';
import { agentReady, endpoint, folderFor, post, startTestShim } from './support.ts';

let ends: (() => void)[] = [];

afterEach(() => {
  for (const end of ends) end();
  ends = [];
});

const LOG = readFileSync(join(import.meta.dirname, '../../examples/legacy.ndjson'), 'utf8')
  .trimEnd()
  .split('\n');
/** Nobody listens there: everything stays in the outbox. */
const NOWHERE = endpoint('http://127.0.0.1:9/in');

function folder(): string {
  const { path, remove } = folderFor('warm');
  ends.push(remove);
  return path;
}

/** The 2.0 events of a log, with the state that the conversion left. */
async function converted(
  place: string,
  name: string,
  lines: readonly string[],
  keepOpen = false,
): Promise<{ readonly events: readonly string[]; readonly state: string }> {
  const input = join(place, `${name}.ndjson`);
  writeFileSync(input, `${lines.join('\n')}\n`);
  const at = (kind: string): string => join(place, `${name}.${kind}`);
  const job = await jobIn(place, [input], {
    output: at('out'),
    deadLetters: at('dead'),
    dropped: undefined,
    provenance: { kind: 'none' },
    state: at('state'),
    keepOpen,
  });
  await runConvert(job);
  const text = readFileSync(keepOpen ? `${job.output}.partial` : job.output, 'utf8');
  return { events: text.split('\n').filter((line) => line !== ''), state: at('state') };
}

async function liveAfter(place: string, warmFrom: string, lines: readonly string[]): Promise<readonly string[]> {
  const shim = await startTestShim(place, [NOWHERE], { warmFrom });
  for (let at = 0; at < lines.length; at += 50) expect((await post(shim.url, lines.slice(at, at + 50).join('\n'))).status).toBe(202);
  await sleep(600);
  await shim.stop();
  const store = openSqlite(join(place, 'shim.db'));
  try {
    return store.outbox.pending(store.outbox.endpoint(NOWHERE.name), 0, 100_000).map(({ body }) => Buffer.from(body).toString('utf8'));
  } finally {
    store.close();
  }
}

describe('a shim that begins with the calls of a conversion', () => {
  it.each([
    ['a finished one', false],
    ['one that was kept open', true],
  ])('translates those in progress as if one program had seen all: %s', { timeout: 60_000 }, async (_what, keepOpen) => {
    for (const cut of [150, 300]) {
      const place = folder();
      const whole = await converted(place, 'whole', LOG.slice(0, 450));
      const before = await converted(place, 'before', LOG.slice(0, cut), keepOpen);
      const live = await liveAfter(place, before.state, LOG.slice(cut, 450));
      expect([...before.events, ...live].sort()).toEqual([...whole.events].sort());
      expect(live.length).toBeGreaterThan(100);
    }
  });

  it('takes them over once: a state that is there already is gone on with', async () => {
    const place = folder();
    const { state } = await converted(place, 'before', LOG.slice(0, 100));
    await liveAfter(place, state, [agentReady('one', 1)]);
    expect(await liveAfter(place, state, [agentReady('two', 2)])).toHaveLength(2);
  });

  it('never works on the state of a conversion itself, nor a conversion on that of a shim, not even anew (76)', async () => {
    const place = folder();
    const { state } = await converted(place, 'before', LOG.slice(0, 100), true);
    await expect(startTestShim(place, [NOWHERE], { state })).rejects.toMatchObject({ code: 'state-other-job', exit: 76 });
    const shim = await startTestShim(place, [NOWHERE]);
    await post(shim.url, agentReady('one', 1));
    await shim.stop();
    const own = join(place, 'shim.db');
    for (const restart of [false, true]) {
      const job = await jobIn(place, [join(place, 'before.ndjson')], { output: join(place, 'other'), state: own, restart });
      await expect(runConvert(job)).rejects.toMatchObject({ code: 'state-other-job', exit: 76 });
    }
    expect(await liveAfter(place, state, [])).toHaveLength(1);
  });

  it('refuses the state of a conversion that has not come to its end (76), and leaves nothing behind', async () => {
    const place = folder();
    const state = join(place, 'unfinished');
    openSqlite(state).close();
    await expect(liveAfter(place, state, [])).rejects.toMatchObject({ code: 'not-finished', exit: 76 });
    expect(readdirSync(place)).toEqual(['unfinished']);
  });
});
