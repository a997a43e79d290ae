import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { callDesk, controlPath } from '../../src/shim/control.ts';
import type { Sink, TestShim } from './support.ts';
import { agentReady, endpoint, folderFor, post, startSink, startTestShim } from './support.ts';

let ends: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const end of ends.reverse()) await end();
  ends = [];
});

async function sink(): Promise<Sink> {
  const made = await startSink();
  ends.push(() => made.close());
  return made;
}

function folder(): string {
  const made = folderFor('shim');
  ends.push(() => made.remove());
  return made.path;
}

async function shim(...args: Parameters<typeof startTestShim>): Promise<TestShim> {
  const made = await startTestShim(...args);
  ends.push(() => made.stop());
  return made;
}

const lines = (count: number, agent = (index: number): string => `a${index}`): string[] =>
  Array.from({ length: count }, (_, index) => agentReady(agent(index), index));

describe('a live shim', () => {
  it('answers 202 with what became of each event, and sends the 2.0 events on', async () => {
    const to = await sink();
    const from = await shim(folder(), [endpoint(to.url)]);
    const [first = '', second = ''] = lines(2);
    const answer = await post(from.url, `${first}\n${second}\n${first}\n{"a":1}\nnonsense\n`);
    expect(answer.status).toBe(202);
    expect(answer.json).toMatchObject({
      accepted: 2,
      duplicates: 1,
      rejected: [
        { index: 3, code: 'no-type' },
        { index: 4, code: 'bad-json' },
      ],
    });
    await to.until(2);
    expect(to.got.map(({ text }) => JSON.parse(text))).toEqual([
      { eventTime: '2021-03-01T00:00:00.000Z', eventType: 'AgentReady', instanceId: 'i', agentId: 'a0@old' },
      { eventTime: '2021-03-01T00:00:01.000Z', eventType: 'AgentReady', instanceId: 'i', agentId: 'a1@old' },
    ]);
    expect(to.got[0]?.headers).toMatchObject({ 'content-type': 'application/json', 'idempotency-key': to.got[0]?.id });
  });

  it('sends each event to every endpoint, and one that is down keeps no other waiting', async () => {
    const [up, down] = [await sink(), await sink()];
    down.answer = (_got, response) => void response.writeHead(503).end();
    const from = await shim(folder(), [endpoint(up.url), endpoint(down.url)]);
    await post(from.url, lines(20).join('\n'));
    await up.until(20);
    expect(new Set(up.got.map(({ id }) => id)).size).toBe(20);
  });

  it('keeps the order of each agent, and repeats an event under the same id until it is taken', async () => {
    const to = await sink();
    let turn = 0;
    to.answer = (_got, response) => {
      turn += 1;
      if (turn % 7 === 3) response.destroy();
      else response.writeHead(200).end();
    };
    const from = await shim(folder(), [endpoint(to.url)]);
    await post(from.url, lines(60, (index) => `a${index % 3}`).join('\n'));
    const times = (agent: string): string[] => {
      const seen = new Set<string>();
      return to.got.flatMap(({ id, text }) => {
        const event = JSON.parse(text) as { readonly agentId: string; readonly eventTime: string };
        if (event.agentId !== agent || seen.has(id)) return [];
        seen.add(id);
        return [event.eventTime];
      });
    };
    await expect.poll(() => new Set(to.got.map(({ id }) => id)).size, { timeout: 20_000 }).toBe(60);
    for (const agent of ['a0@old', 'a1@old', 'a2@old']) expect(times(agent)).toEqual([...times(agent)].sort());
    expect(to.got.length).toBeGreaterThan(60);
  });

  it('gives an event up after three refusals, names it among the dead letters, and goes on with the agent behind the gap', async () => {
    const to = await sink();
    to.answer = ({ text }, response) => void response.writeHead(text.includes('00:00:01') ? 422 : 200).end();
    const from = await shim(folder(), [endpoint(to.url)]);
    await post(from.url, lines(3, () => 'same').join('\n'));
    await to.until(5);
    await expect
      .poll(async () => (await (await fetch(`${from.adminUrl}/metrics`)).text()).includes('dead_letters_total{reason="refused"} 1'))
      .toBe(true);
    expect(to.got.map(({ text }) => (JSON.parse(text) as { readonly eventTime: string }).eventTime.slice(17, 19))).toEqual([
      '00',
      '01',
      '01',
      '01',
      '02',
    ]);
  });

  it('does not drain the outbox into the dead letters when its secret is wrong (401), nor when the endpoint is gone (410)', async () => {
    for (const [status, state] of [
      [401, 'paused'],
      [410, 'disabled'],
    ] as const) {
      const to = await sink();
      to.answer = (_got, response) => void response.writeHead(status).end();
      const from = await shim(folder(), [endpoint(to.url, { concurrency: 1 })]);
      await post(from.url, lines(5).join('\n'));
      await to.until(1);
      await expect
        .poll(async () => (await fetch(`${from.adminUrl}/readyz`)).json())
        .toMatchObject({ troubles: [`endpoint ${to.url} is ${state}`] });
      to.answer = (_got, response) => void response.writeHead(200).end();
      from.resume();
      await to.until(6);
    }
  });

  it('goes on where it stopped: what was not delivered is sent by the next process, under the same ids', async () => {
    const to = await sink();
    to.answer = (_got, response) => void response.destroy();
    const place = folder();
    const first = await startTestShim(place, [endpoint(to.url)]);
    await post(first.url, lines(30).join('\n'));
    await to.until(5);
    await first.stop();
    const before = to.got.length;
    to.answer = (_got, response) => void response.writeHead(200).end();
    const second = await shim(place, [endpoint(to.url)]);
    await expect.poll(() => new Set(to.got.slice(before).map(({ id }) => id)).size).toBe(30);
    expect(await post(second.url, lines(30).join('\n'))).toMatchObject({ status: 202, json: { accepted: 0, duplicates: 30 } });
  });

  it('decides an event that waits for evidence when its time has come, though nothing else comes in', async () => {
    const to = await sink();
    const from = await shim(folder(), [endpoint(to.url)]);
    const ringing = {
      EventTime: '2021-03-01T00:00:00.000Z',
      EventType: 'AgentRinging',
      agentId: 'a@old',
      contactId: '30001',
      connectId: 'x1',
      instanceId: 'i',
      result: '0',
    };
    await post(from.url, JSON.stringify(ringing));
    await to.until(1);
    expect(JSON.parse(to.got[0]?.text ?? '')).toMatchObject({ contactId: '30001', agentId: 'a@old' });
  });

  it('takes nothing more in (503) while too much waits, and goes on by itself', async () => {
    const to = await sink();
    to.answer = (_got, response) => void response.destroy();
    const from = await shim(folder(), [endpoint(to.url)], { maxOutbox: 10 });
    await post(from.url, lines(12).join('\n'));
    await expect.poll(async () => (await post(from.url, agentReady('z', 99))).status).toBe(503);
    const refused = await post(from.url, agentReady('z', 99));
    expect(refused.json).toEqual({ error: 'outbox-full' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    to.answer = (_got, response) => void response.writeHead(200).end();
    await expect.poll(async () => (await post(from.url, agentReady('z', 99))).status, { timeout: 20_000 }).toBe(202);
  });

  it('tells no number that stands in the place of a type, neither to the sender nor in log, metrics and list of dead letters', async () => {
    const number = '13900001111';
    const to = await sink();
    to.answer = (_got, response) => void response.writeHead(422).end();
    const place = folder();
    const from = await shim(place, [endpoint(to.url)], { dual: endpoint(to.url, { name: 'dual old' }) });
    const { json } = await post(from.url, agentReady('a', 1).replace('AgentReady', number));
    expect(json).toMatchObject({ rejected: [{ code: 'unknown-type', message: 'mapping ccc-2.0 has no event "(number)"' }] });
    await expect.poll(() => from.log.filter((line) => line.includes('given up')).length, { timeout: 20_000 }).toBe(1);
    expect(from.log.join('')).toContain('"type":"(number)"');
    expect(await (await fetch(`${from.adminUrl}/metrics`)).text()).toContain('events_in_total{type="(number)"} 1');
    const desk = await callDesk(controlPath(join(place, 'shim.db')) ?? '');
    expect(JSON.stringify(await desk?.list({}, 10))).not.toContain(number);
  });

  it('writes no number, agent or body into its log', async () => {
    const to = await sink();
    to.answer = (_got, response) => void response.writeHead(422).end();
    const from = await shim(folder(), [endpoint(to.url)]);
    await post(from.url, `${lines(2, () => 'canary-7f3a').join('\n')}\n{"caller":"canary-7f3a"}\ncanary-7f3a`);
    await expect.poll(() => from.log.filter((line) => line.includes('given up')).length, { timeout: 20_000 }).toBe(2);
    expect(from.log.join('')).not.toContain('canary-7f3a');
    expect(await (await fetch(`${from.adminUrl}/metrics`)).text()).not.toContain('canary-7f3a');
  });
});
