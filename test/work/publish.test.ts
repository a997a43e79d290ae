import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createIdTable } from '../../src/event/ids.ts';
import type { Entry, StreamLog } from '../../src/jetstream/log.ts';
import type { PublishJob } from '../../src/work/publish.ts';
import { publish } from '../../src/work/publish.ts';
import { put } from '../pipeline/jobs.ts';

/** A log gets into a stream in its order, each event once, whatever the server answers and however often it is begun again. */
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ccc-publish-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const lines = (count: number): string[] => Array.from({ length: count }, (_, index) => `{"n":${index},"contactId":"${index % 7}"}`);

function jobOf(path: string, change: Partial<PublishJob> = {}): PublishJob {
  return {
    ...{ inputs: [path], merge: false, limit: undefined, signal: undefined, onProgress: undefined, ids: createIdTable([]) },
    ...{ timeZone: 'Asia/Shanghai', eventAt: undefined, maxLine: 200, dupKeys: 'refuse', allowTruncated: false, rs: false },
    ...change,
  };
}

interface Stream extends StreamLog {
  readonly entries: readonly Entry[];
  /** Somebody else adds a message. */
  intrude(): void;
}

/** A stream in memory. What each `add` does: how many it takes in, and how many of these it tells of. */
function streamOf(troubles: readonly (readonly [taken: number, told: number])[]): Stream {
  const entries: Entry[] = [];
  let turn = 0;
  return {
    entries,
    intrude: () => void entries.push({ id: 'stranger', token: '-', body: Buffer.from('{}') }),
    last: async () => ({ number: entries.length, id: entries.at(-1)?.id ?? '' }),
    async add(more, behind) {
      if (behind !== entries.length) return 0;
      const [taken, told] = troubles[turn] ?? [1, 1];
      turn += 1;
      const count = Math.ceil(taken * more.length);
      entries.push(...more.slice(0, count));
      return Math.floor(told * count);
    },
  };
}

const textsOf = ({ entries }: Stream): string[] => entries.map(({ body }) => Buffer.from(body).toString());

describe('publish', () => {
  it('puts every event in once and in order, although the server takes in less than it is given and tells of less than it took', async () => {
    const share = fc.constantFrom(0, 0.3, 0.9, 1);
    const path = put(folder, 'log', `${lines(1_230).join('\n')}\n`);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(share, share), { maxLength: 3 }), async (troubles) => {
        const stream = streamOf(troubles);
        expect(await publish(jobOf(path), stream)).toEqual({ published: 1_230, before: 0, left: [] });
        expect(textsOf(stream)).toEqual(lines(1_230));
      }),
      { numRuns: 20 },
    );
  });

  it('goes on where an earlier run stopped, also when the log has grown', async () => {
    const stream = streamOf([]);
    await publish(jobOf(put(folder, 'log', `${lines(700).join('\n')}\n`), { limit: 333 }), stream);
    const path = put(folder, 'log', `${lines(900).join('\n')}\n`);
    expect(await publish(jobOf(path), stream)).toEqual({ published: 567, before: 333, left: [] });
    expect(await publish(jobOf(path), stream)).toEqual({ published: 0, before: 900, left: [] });
    expect(textsOf(stream)).toEqual(lines(900));
  });

  it('keeps an event that is sent twice twice: what is a duplicate is for the translator to say', async () => {
    const stream = streamOf([]);
    await publish(jobOf(put(folder, 'log', `${[...lines(3), ...lines(3)].join('\n')}\n`)), stream);
    expect(new Set(stream.entries.map(({ id }) => id)).size).toBe(6);
  });

  it('sends what is no event as it is, and tells of what is too long', async () => {
    const stream = streamOf([]);
    const { left } = await publish(jobOf(put(folder, 'log', `{"broken\n{"long":"${'x'.repeat(5_000)}"}\n{"n":1}\n`)), stream);
    expect(textsOf(stream)).toEqual(['{"broken', '{"n":1}']);
    expect(left).toEqual(['line 2, byte 9']);
  });

  it('does not mix its order with that of somebody else (75), nor go on behind a place that it does not find (76)', async () => {
    const stream = streamOf([[0.5, 0.5]]);
    const add = stream.add.bind(stream);
    const intruded: StreamLog = {
      last: stream.last,
      async add(entries, behind) {
        const added = await add(entries, behind);
        stream.intrude();
        return added;
      },
    };
    const path = put(folder, 'log', `${lines(800).join('\n')}\n`);
    await expect(publish(jobOf(path), intruded)).rejects.toMatchObject({ code: 'not-alone', exit: 75 });
    const other = streamOf([]);
    await publish(jobOf(path), other);
    const shorter = put(folder, 'log', `${lines(100).join('\n')}\n`);
    await expect(publish(jobOf(shorter), other)).rejects.toMatchObject({ code: 'input-changed', exit: 76 });
  });
});
