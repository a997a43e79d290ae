import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { callDesk, controlPath } from '../../src/shim/control.ts';
import type { LetterDesk } from '../../src/shim/desk.ts';
import type { Sink, TestShim } from './support.ts';
import { agentReady, endpoint, folderFor, post, startSink, startTestShim } from './support.ts';

let ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.reverse()) await end();
  ends = [];
});

interface Story {
  readonly path: string;
  readonly sink: Sink;
  start(): Promise<TestShim>;
}

/** Ten events of two agents wait in a state; then `damage` is done to it. */
async function story(damage: (db: Database.Database) => void): Promise<Story> {
  const { path, remove } = folderFor('damage');
  ends.push(remove);
  const first = await startTestShim(path, [endpoint('http://127.0.0.1:9/in', { name: 'new' })]);
  const lines = Array.from({ length: 10 }, (_, second) => agentReady(second % 2 === 0 ? 'even' : 'odd', second));
  expect((await post(first.url, lines.join('\n'))).status).toBe(202);
  await first.stop();
  const db = new Database(join(path, 'shim.db'));
  damage(db);
  db.close();
  const sink = await startSink();
  ends.push(() => sink.close());
  return { path, sink, start: () => startTestShim(path, [endpoint(sink.url, { name: 'new' })]) };
}

const second = (text: string): number => new Date((JSON.parse(text) as { readonly eventTime: string }).eventTime).getUTCSeconds();

async function readiness({ adminUrl }: TestShim): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(`${adminUrl}/readyz`);
  return { status: response.status, text: await response.text() };
}

async function desk(path: string): Promise<LetterDesk> {
  const found = await callDesk(controlPath(join(path, 'shim.db')) ?? '');
  if (found === undefined) throw new Error('no shim answers');
  return found;
}

/** A bit of an event's bytes flips, and with it nothing that says so. */
const flip = (id: number) => (db: Database.Database) => {
  const body = db.prepare('SELECT body FROM events WHERE id = ?').pluck().get(id) as Buffer;
  body[20] = (body[20] as number) ^ 1;
  db.prepare('UPDATE events SET body = ? WHERE id = ?').run(body, id);
};

describe('an event that is damaged in the state', () => {
  it.each([
    ['in its bytes', flip(3)],
    ['in its id', (db: Database.Database) => db.prepare('UPDATE events SET key = zeroblob(32) WHERE id = 3').run()],
    ['in what it has to wait for', (db: Database.Database) => db.prepare("UPDATE events SET agent = 'somebody' WHERE id = 3").run()],
  ])('%s is never sent, and all others are, in their order', { timeout: 30_000 }, async (_, damage) => {
    const { sink, start } = await story(damage);
    const shim = await start();
    ends.push(() => shim.stop());
    await sink.until(9);
    const sent = sink.got.map(({ text }) => second(text));
    expect(sent.filter((each) => each % 2 === 0)).toEqual([0, 4, 6, 8]);
    expect(sent.filter((each) => each % 2 === 1)).toEqual([1, 3, 5, 7, 9]);
  });

  it('is a dead letter that cannot be redriven, and the shim says that it is not well until it is purged', {
    timeout: 30_000,
  }, async () => {
    const { path, sink, start } = await story(flip(3));
    let shim = await start();
    await sink.until(9);
    await expect.poll(() => readiness(shim), { timeout: 5_000 }).toMatchObject({ status: 503 });
    expect((await readiness(shim)).text).toContain('1 damaged events in the dead letters');
    expect(shim.log.join('')).toContain('"code":"damaged"');
    await shim.stop();
    shim = await start();
    ends.push(() => shim.stop());
    expect(await readiness(shim)).toMatchObject({ status: 503 });
    const office = await desk(path);
    const { letters } = await office.list({}, 10);
    expect(letters).toMatchObject([{ stage: 'deliver', code: 'damaged', endpoint: 'new' }]);
    const left = [{ id: letters[0]?.id, why: 'it is not as it was saved' }];
    expect(await office.redrive({}, false)).toEqual({ sent: 0, rejected: 0, left });
    expect(await office.purge({})).toEqual({ purged: 1 });
    expect(await readiness(shim)).toMatchObject({ status: 200 });
    expect(sink.got).toHaveLength(9);
  });
});
