import { describe, expect, it } from 'vitest';
import { formatDuration, formatSize, parseCount, parseSize } from '../../src/cli/units.ts';
import { parseDuration } from '../../src/mapping/duration.ts';

describe('sizes', () => {
  it.each([
    ['64MiB', 67_108_864],
    ['1 MiB', 1_048_576],
    ['1mib', 1_048_576],
    ['1.5GB', 1_500_000_000],
    ['10kB', 10_000],
    ['512B', 512],
    ['0', 0],
  ])('%s is %d bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each(['', '64', '64M', 'MiB', '-1MiB', '1e3B', '1..5GB', '0x10B', '9999999TiB', '1MiB2'])('%j is none', (text) => {
    expect(parseSize(text)).toBeUndefined();
  });

  it.each([
    [1_048_576, '1MiB'],
    [1_500_000, '1500000B'],
    [67_108_864, '64MiB'],
    [1536, '1536B'],
    [0, '0B'],
  ])('%d bytes are written %s, and read back the same', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
    expect(parseSize(text)).toBe(bytes);
  });
});

describe('times', () => {
  it.each([
    [5_000, '5s'],
    [500, '500ms'],
    [86_400_000, '24h'],
    [93_600_000, '26h'],
    [172_800_000, '48h'],
    [864_000_000, '10d'],
    [90_000, '90s'],
    [5_400_000, '90m'],
    [0, '0s'],
  ])('%d ms are written %s, and read back the same', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
    expect(parseDuration(text)).toBe(ms);
  });
});

describe('counts', () => {
  it.each(['-1', '1.5', '1e3', '', 'ten', '99999999999999999999'])('%j is none', (text) => {
    expect(parseCount(text)).toBeUndefined();
  });

  it('100 is one', () => {
    expect(parseCount('100')).toBe(100);
  });
});
