import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createIdTable } from '../../src/event/ids.ts';
import { createClock } from '../../src/shim/clock.ts';
import { createCore } from '../../src/shim/core.ts';
import type { Core } from '../../src/shim/core-api.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import { mappingNamed } from '../support/stream.ts';
import { folderFor } from './support.ts';

let ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.reverse()) await end();
  ends = [];
});

/** A core whose commits fail from when `fault` is set, and the errors that were its end. */
async function start(): Promise<{ readonly core: Core; readonly disk: { fault: Error | undefined }; readonly fatal: readonly unknown[] }> {
  const { path, remove } = folderFor('core');
  const disk: { fault: Error | undefined } = { fault: undefined };
  const fatal: unknown[] = [];
  const mapping = await mappingNamed('ccc-2.0');
  const core = createCore({
    open() {
      const store = openSqlite(join(path, 'shim.db'));
      const commit = store.commit.bind(store);
      store.commit = () => {
        if (disk.fault !== undefined) throw disk.fault;
        commit();
      };
      return store;
    },
    engine: {
      ...{ mapping, profiles: [], ids: createIdTable([]), timeZone: 'Asia/Shanghai', hold: 2_000, maxLine: 1 << 20 },
      ...{ idle: mapping.waits.idle, retention: mapping.waits.retention, dupKeys: 'refuse', capture: undefined },
    },
    endpoints: [{ name: 'new', types: undefined, profile: undefined }],
    dual: undefined,
    maxOutbox: 1_000,
    minFree: 0,
    free: () => undefined,
    keep: 1_000_000,
    clock: createClock(),
    onFatal: (error) => fatal.push(error),
    onClockBehind: () => {},
    onRefusing: () => {},
    onCaptureLost: () => {},
  });
  ends.push(remove, () => core.close().catch(() => {}));
  return { core, disk, fatal };
}

describe('what is asked of the state', () => {
  it('is answered when it is on disk', async () => {
    const { core } = await start();
    expect(await core.act((outbox) => outbox.damagedCount())).toBe(0);
  });

  it('is refused when the state breaks while it waits, and from then on', async () => {
    const { core, disk, fatal } = await start();
    disk.fault = new Error('the disk is gone');
    const asked = [core.act(() => 1), core.act(() => 2)];
    for (const each of asked) await expect(each).rejects.toMatchObject({ refusal: { code: 'stopping' } });
    expect(fatal).toEqual([disk.fault]);
    await expect(core.act(() => 3)).rejects.toMatchObject({ refusal: { code: 'stopping' } });
  });

  it('is refused once the state is closed', async () => {
    const { core } = await start();
    const before = core.act(() => 'done');
    await core.close();
    expect(await before).toBe('done');
    await expect(core.act(() => 'too late')).rejects.toMatchObject({ refusal: { code: 'stopping' } });
  });
});
