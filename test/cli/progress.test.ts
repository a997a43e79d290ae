import { describe, expect, it } from 'vitest';
import { createProgressLine, renderProgress } from '../../src/cli/progress.ts';
import type { Progress } from '../../src/pipeline/job.ts';
import { keep } from './io.ts';

const half: Progress = {
  records: 1_500_000,
  bytesRead: 2 ** 29,
  bytesTotal: 2 ** 30,
  outputs: 0,
  deadLetters: 0,
  seconds: 10,
  free: undefined,
};

describe('progress', () => {
  it('tells share, rate, size and the time that is left', () => {
    expect(renderProgress(half)).toBe('50 %  1,500,000 events  150,000/s  512.0 MiB of 1.0 GiB  10 s left');
  });

  it('of an input of unknown size tells what is known', () => {
    expect(renderProgress({ ...half, bytesTotal: undefined, deadLetters: 2 })).toBe(
      '1,500,000 events  150,000/s  512.0 MiB  2 dead letters',
    );
  });

  it('at its very beginning and its end divides by nothing', () => {
    expect(renderProgress({ ...half, records: 0, bytesRead: 0, seconds: 0 })).toBe('0 %  0 events  -/s  0 B of 1.0 GiB');
    expect(renderProgress({ ...half, bytesRead: 2 ** 30 })).toBe('100 %  1,500,000 events  150,000/s  1.0 GiB of 1.0 GiB');
  });

  it('on a terminal is one line, written over and taken away', () => {
    const stream = keep(true);
    const line = createProgressLine(stream, renderProgress);
    line.update({ ...half, seconds: 1 });
    line.update({ ...half, seconds: 1.05 });
    line.update({ ...half, seconds: 1.2 });
    line.clear();
    expect(stream.text.split('\r\u001b[2K').length).toBe(4);
    expect(stream.text).not.toContain('\n');
    expect(stream.text.endsWith('\u001b[2K')).toBe(true);
  });

  it('elsewhere is a line every 30 seconds', () => {
    const stream = keep(false);
    const line = createProgressLine(stream, renderProgress);
    for (let seconds = 0; seconds <= 95; seconds += 0.5) line.update({ ...half, seconds });
    line.clear();
    expect(stream.text.match(/\n/g)).toHaveLength(3);
    expect(stream.text).not.toContain('\u001b');
  });
});
