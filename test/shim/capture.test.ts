import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { runConvert } from '../../src/pipeline/run.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import { jobIn } from '../pipeline/jobs.ts';
import type { TestShim } from './support.ts';
import { endpoint, folderFor, post, startTestShim } from './support.ts';

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

/** Everything in the outbox of a shim that has stopped, in its order. */
function outboxOf(state: string): readonly string[] {
  const store = openSqlite(state);
  try {
    return store.outbox.pending(store.outbox.endpoint(NOWHERE.name), 0, 100_000).map(({ body }) => Buffer.from(body).toString('utf8'));
  } finally {
    store.close();
  }
}

/** Posts a log in pieces of uneven size, some of them after a pause in which waits run out. */
async function postAll(shim: TestShim, lines: readonly string[]): Promise<void> {
  for (let at = 0, size = 1; at < lines.length; at += size, size = 1 + ((size * 7) % 13)) {
    expect((await post(shim.url, lines.slice(at, at + size).join('\n'))).status).toBe(202);
    if (size === 8) await sleep(180);
  }
}

describe('what a shim captured', () => {
  it('gives, converted as received, the 2.0 events that the shim sent, byte for byte', { timeout: 60_000 }, async () => {
    const { path: folder, remove } = folderFor('capture');
    ends.push(remove);
    const capture = join(folder, 'capture');
    const shim = await startTestShim(folder, [NOWHERE], { capture });
    await postAll(shim, LOG.slice(0, 400));
    await post(shim.url, `${LOG[10]}\nnonsense\n{"EventType":"AgentTalk"}`);
    await post(shim.url, '{\n  "EventTime": "2021-03-01T09:00:00Z",\n  "EventType": "AgentReady",\n  "agentId": "9@old"\n}', {
      'content-type': 'application/json',
    });
    // Until all waits have run out: what a shim has not decided yet, a conversion decides at its end.
    await sleep(600);
    await shim.stop();
    const files = readdirSync(capture).map((name) => join(capture, name));
    const job = await jobIn(folder, files, { asReceived: true, hold: 300, checkpointEvery: 10_000 });
    await runConvert(job);
    const converted = readFileSync(job.output, 'utf8').trimEnd().split('\n');
    expect(converted).toEqual(outboxOf(join(folder, 'shim.db')));
    expect(converted.length).toBeGreaterThan(400);
    // It holds personal data.
    for (const file of files) expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});
