import { describe, expect, it } from 'vitest';
import type { Attempt } from '../../src/deliver/client.ts';
import type { UpcastError } from '../../src/errors.ts';
import type { Patience } from '../../src/replay/patience.ts';
import { createPatience } from '../../src/replay/patience.ts';

const MINUTE = 60_000;
const failed: Attempt = { outcome: 'unreachable', status: undefined, wait: undefined, detail: 'ECONNREFUSED' };
const delivered: Attempt = { outcome: 'delivered', status: 200, wait: undefined, detail: '200' };

/** A patience of ten minutes, and how it ended. */
function patience(): Patience & { readonly ends: readonly UpcastError[] } {
  const ends: UpcastError[] = [];
  return { ...createPatience(10 * MINUTE, (error) => ends.push(error)), ends };
}

describe('a target is given up', () => {
  it('when nothing has succeeded for so long, and not before', () => {
    const own = patience();
    own.attempt(failed, 0);
    own.attempt(failed, 5 * MINUTE);
    own.look(10 * MINUTE - 1, 3);
    expect(own.ends).toEqual([]);
    own.look(10 * MINUTE, 3);
    expect(own.ends).toMatchObject([{ code: 'target-unreachable', exit: 69 }]);
  });

  it('not while something succeeds now and then', () => {
    const own = patience();
    for (let minute = 0; minute < 60; minute += 5) {
      own.attempt(failed, minute * MINUTE);
      own.attempt(delivered, (minute + 1) * MINUTE);
      own.look((minute + 4) * MINUTE, 3);
    }
    expect(own.ends).toEqual([]);
  });

  it('not for the time in which nothing was to be sent: a pause, or a silence of the stream', () => {
    const own = patience();
    own.attempt(failed, 0);
    own.look(MINUTE, 0);
    own.look(30 * MINUTE, 1);
    expect(own.ends).toEqual([]);
    own.attempt(failed, 31 * MINUTE);
    own.look(40 * MINUTE, 1);
    expect(own.ends).toEqual([]);
    own.look(41 * MINUTE, 1);
    expect(own.ends).toHaveLength(1);
  });

  it('at once when it wants nothing of it', () => {
    const own = patience();
    own.state('open', '503');
    expect(own.ends).toEqual([]);
    own.state('paused', '401');
    own.state('disabled', '410');
    expect(own.ends.map(({ exit, message }) => [exit, message.includes('401') || message.includes('410')])).toEqual([
      [69, true],
      [69, true],
    ]);
  });
});
