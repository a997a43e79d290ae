import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agentToken, contactToken, tokenOf } from '../../src/event/token.ts';
import { partitionOf } from '../../src/jetstream/connect.ts';
import { wavesOf } from '../../src/jetstream/sink.ts';
import { isBad } from '../../src/parse/options.ts';
import type { BatchMessage } from '../../src/sink/batch.ts';
import type { Arrival } from '../../src/source/partition.ts';
import type { Outcome } from '../../src/translate/outcome.ts';
import { eventId } from '../../src/translate/outcome.ts';
import { createTranslator } from '../../src/translate/translator.ts';
import type { WorkJob } from '../../src/work/job.ts';
import { createGlances, createRecordMaker, FOREIGN } from '../../src/work/records.ts';
import { hardLog, logs, settings } from '../pipeline/hard-log.ts';
import { mappingNamed, textOf } from '../support/stream.ts';

/** Dividing the work by contact changes no output (semantics, section 3), although a partition sees of the others only what a glance shows. */
async function jobWith(change: Partial<WorkJob>): Promise<WorkJob> {
  const mapping = await mappingNamed('ccc-2.0');
  return {
    ...{ mapping, ...mapping.waits, timeZone: 'Asia/Shanghai', maxJump: 3_600_000, maxLine: 1 << 20, dupKeys: 'refuse' },
    ...{ ids: hardLog({ seed: 'a', late: [0], without: [] }).ids, input: 'CCC_V1', batch: 2_000, snapshotEvery: 30_000 },
    ...change,
  };
}

interface Told {
  readonly key: string;
  readonly late: boolean;
  readonly text: string;
}

function told(outcomes: readonly Outcome[]): readonly Told[] {
  return outcomes.flatMap(({ outputs, late }) =>
    outputs.map((output) => ({ late, key: output.contact ?? `agent ${output.agent}`, text: `${eventId(output)} ${textOf(output)}` })),
  );
}

/** What a translator makes of messages, those of other partitions told by a glance. */
function translated(job: WorkJob, arrivals: readonly Arrival[]): readonly Told[] {
  const translator = createTranslator({ ...job, order: 'time', isHome: (record) => record.source !== FOREIGN });
  const found: Told[] = [];
  for (const item of createRecordMaker(job).records(arrivals)) if (!isBad(item)) found.push(...told(translator.push(item)));
  return [...found, ...told(translator.finish())];
}

function grouped(all: readonly Told[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const { key, text } of all) groups.set(key, [...(groups.get(key) ?? []), text]);
  return groups;
}

function sorted(all: readonly Told[]): readonly string[] {
  return all.map(({ key, text }) => `${key} ${text}`).sort();
}

/** The partition of each message, by what the record says; what is no event goes to that of no token. */
function partitionsOf(job: WorkJob, bodies: readonly Buffer[], count: number): readonly number[] {
  const records = createRecordMaker(job).records(bodies.map((body, position) => ({ position, home: true, body })));
  return records.map((record) => partitionOf(isBad(record) ? '-' : tokenOf(record), count));
}

describe('partitions', () => {
  it('make together what one translator makes, call by call, whatever the log and the waits', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(logs, settings, async (log, { lanes: count, lateness, hold }) => {
        const { lines, ids } = hardLog(log);
        const job = await jobWith({ ids, lateness, hold });
        const bodies = lines.filter((line) => line !== '').map((line) => Buffer.from(line));
        const homes = partitionsOf(job, bodies, count);
        const glances = createGlances(job)(bodies);
        const one = translated(
          job,
          bodies.map((body, position) => ({ position, home: true, body })),
        );
        const parts = Array.from({ length: count }, (_, partition) =>
          translated(
            job,
            bodies.map((body, position) => {
              const home = homes[position] === partition;
              return { position, home, body: home ? body : (glances[position] ?? undefined) };
            }),
          ),
        );
        const many = parts.flat();
        expect(grouped(many.filter(({ late }) => !late))).toEqual(grouped(one.filter(({ late }) => !late)));
        // A late event is put out at once, before all that waits, and in a partition less waits: its place in its call may differ, nothing else.
        expect(sorted(many)).toEqual(sorted(one));
      }),
      { numRuns: 25 },
    );
  });

  it('see of most events of others nothing but time and type', async () => {
    const job = await jobWith({});
    const line = (type: string, more: object) =>
      Buffer.from(JSON.stringify({ EventType: type, EventTime: 5, contactId: '1', releaseReason: 'busy', ...more }));
    const [held, ringing, ready, own, junk] = createGlances(job)([
      line('CallHeld', {}),
      line('AgentRinging', { agentId: 'a@b' }),
      Buffer.from('{"EventType":"AgentReady","EventTime":5,"agentId":"a@b"}'),
      line('MyOwnEvent', {}),
      Buffer.from('{"EventType":'),
    ]);
    expect(held).toBe('{"EventTime":5,"EventType":"CallHeld","contactId":"?"}');
    // An agent who rings here is not in another call any more.
    expect(ringing).toContain('"agentId":"a@b"');
    expect(ready).toContain('AgentReady');
    // Whether it is taken at all is for the mapping to say.
    expect(own).toContain('busy');
    expect(junk).toBeNull();
  });
});

describe('a token', () => {
  it('is the contact where a subject can hold it, and a hash where it cannot', () => {
    expect(contactToken('3000000320')).toBe('3000000320');
    expect(contactToken('job-9f')).toBe('job-9f');
    for (const odd of ['a.b', 'a b', '*', '>', '', '-x', '电话', 'x'.repeat(65)]) {
      const token = contactToken(odd);
      expect(token).toMatch(/^-c[0-9a-f]{32}$/);
      expect(token).toContain(createHash('sha256').update(odd).digest('hex').slice(0, 32));
    }
    expect(agentToken('zhao@x')).toMatch(/^-a[0-9a-f]{32}$/);
  });
});

describe('messages that are put out together', () => {
  it('never overtake another one of their contact or agent', () => {
    const message = fc.record({ contact: fc.nat(4), agent: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 60 }), (all) => {
        const messages = all.map(({ contact, agent }, index): BatchMessage => {
          const keys = [`c${contact}`, ...(agent === 0 ? [] : [`a${agent}`])];
          return { id: String(index), kind: 'event', token: 't', keys, body: new Uint8Array(0), headers: {} };
        });
        const waves = wavesOf(messages);
        const at = new Map(waves.flatMap((wave, number) => wave.map(({ id }) => [Number(id), number] as const)));
        expect(at.size).toBe(messages.length);
        for (const [i, a] of messages.entries()) {
          for (const [j, b] of messages.entries()) {
            if (i < j && a.keys.some((key) => b.keys.includes(key))) expect(at.get(i)).toBeLessThan(at.get(j) as number);
          }
        }
      }),
    );
  });
});
