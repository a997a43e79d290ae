import { fc, it } from '@fast-check/vitest';
import { expect } from 'vitest';
import { NO_KIND } from '../../src/event/kind.ts';
import type { RecordView } from '../../src/event/record.ts';
import type { ArrivedEvent } from '../../src/translate/event-ring.ts';
import { EventRing } from '../../src/translate/event-ring.ts';

const event = (time: number, seq: number): ArrivedEvent => ({
  record: { offset: seq } as RecordView,
  kind: NO_KIND,
  seq,
  time,
  current: seq % 3 === 0,
  home: seq % 5 !== 0,
});

it.prop([fc.array(fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }), { maxLength: 400 })])(
  'events come out in the order of their times, those of equal times as they came in, whatever was taken between',
  (steps) => {
    const ring = new EventRing();
    let expected: ArrivedEvent[] = [];
    for (const [seq, time] of steps.entries()) {
      if (time === undefined) {
        if (expected.length > 0) expect(ring.take()).toEqual(expected.shift());
      } else {
        ring.add(event(time, seq));
        expected = [...expected, event(time, seq)].sort((a, b) => a.time - b.time || a.seq - b.seq);
      }
      expect([ring.size, ring.firstTime()]).toEqual([expected.length, expected[0]?.time ?? Number.NaN]);
    }
    expect([...ring.all()]).toEqual(expected);
  },
);
