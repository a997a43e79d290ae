import { describe, expect, test } from 'vitest';
import { compareStreams, precision, recall } from '../../bench/accuracy/compare.ts';
import { ROWS } from '../../bench/accuracy/rows.ts';
import { runRow, type Translate } from '../../bench/accuracy/run.ts';
import { differenceLines, percent, tableLine, typeLines } from '../../bench/accuracy/table.ts';
import { generateCalls } from '../../bench/generate/calls.ts';
import type { TruthEvent } from '../../bench/generate/delivery.ts';
import { play, truthOf } from './play.ts';

const truth = truthOf(play({ calls: 200 }));
const lines = truth.map((event) => event.line);
const release = truth.findIndex((event) => event.type === 'AgentRelease');

/** The perfect stream with a few lines put in the place of others. */
function changed(index: number, deleteCount: number, ...more: readonly string[]): string[] {
  return lines.toSpliced(index, deleteCount, ...more);
}

const at = (index: number): string => lines[index] ?? '';

describe('exactness', () => {
  test('finds equal streams equal', () => {
    const comparison = compareStreams(truth, lines);
    expect([comparison.exactCalls, comparison.exactAgents, comparison.outOfOrder]).toEqual([comparison.calls, comparison.agents, 0]);
    expect([precision(comparison.total), recall(comparison.total), comparison.differing]).toEqual([1, 1, []]);
    expect(comparison.total.exact).toBe(comparison.total.provable);
  });

  test('takes events of equal time as a set', () => {
    const swapped = changed(release, 2, at(release + 1), at(release));
    expect(compareStreams(truth, swapped).exactCalls).toBe(compareStreams(truth, lines).exactCalls);
  });

  test('names the field that is wrong, and both values', () => {
    const wrong = at(release).replace(/"callType":"\w+"/, '"callType":"CONSULTANT"');
    const { calls, exactCalls, differing } = compareStreams(truth, changed(release, 1, wrong));
    expect(calls - exactCalls).toBe(1);
    expect(differing[0]?.lines.join('\n')).toMatch(/differs {2}\S+ AgentRelease\n\s+callType: expected "\w+", got "CONSULTANT"/);
  });

  test('sees fields in another order', () => {
    const turned = at(release).replace(/("contactId":"\d+"),("channelId":"\d+")/, '$2,$1');
    expect(compareStreams(truth, changed(release, 1, turned)).differing[0]?.lines.join()).toContain('order of fields');
  });

  test('names what is missing and what is extra', () => {
    expect(compareStreams(truth, changed(release, 1)).differing[0]?.lines[0]).toMatch(/^missing {2}\S+ AgentRelease/);
    const twice = changed(release, 0, at(release));
    expect(compareStreams(truth, twice).differing[0]?.lines[0]).toMatch(/^extra {4}\S+ AgentRelease/);
    expect(compareStreams(truth, ['no json', ...lines]).differing.at(-1)?.lines[0]).toContain('no json');
  });

  test('sees events of a call in another order, and a stream that is not in order of time', () => {
    const id = truth[release]?.contactId;
    const own = truth.flatMap((event, index) => (event.contactId === id ? [index] : []));
    const [first = 0, second = 0] = own;
    const swapped = lines.with(first, at(second)).with(second, at(first));
    const { differing, outOfOrder } = compareStreams(truth, swapped);
    expect(differing[0]?.lines[0]).toMatch(/^order {4}expected /);
    expect(outOfOrder).toBeGreaterThan(0);
  });
});

describe('precision and recall', () => {
  test('an event that could not be known costs nothing, one that could costs recall', () => {
    const unknown = truth.map((event, index): TruthEvent => ({ ...event, survived: index !== release }));
    expect(recall(compareStreams(unknown, changed(release, 1)).total)).toBe(1);
    const { total, scores } = compareStreams(truth, changed(release, 1));
    expect(total.provable - total.found).toBe(1);
    expect(recall(scores.get('AgentRelease') ?? total)).toBeLessThan(1);
    expect(precision(total)).toBe(1);
  });

  test('an invented event costs precision', () => {
    const { total } = compareStreams(truth, changed(release, 0, at(release)));
    expect(total.ours - total.right).toBe(1);
    expect(recall(total)).toBe(1);
  });

  test('another time is still a match, but not an exact one', () => {
    const later = at(release)
      .replace(/\.\d{3}Z/, '.999Z')
      .replace(/T\d\d/, 'T23');
    const { total } = compareStreams(truth, changed(release, 1, later));
    expect(total.right).toBe(total.ours);
    expect([total.right - total.exactTime, total.right - total.exact]).toEqual([1, 1]);
  });
});

describe('the accuracy program', () => {
  const settings = { calls: 100, open: 20, seed: '1' };

  /** A translator that knows the truth: it reads the whole input and answers with the generator's own. */
  const oracle = (options: object): Translate =>
    function* (input) {
      for (const line of input) if (line === '') yield line;
      yield* truthOf([...generateCalls({ ...settings, ...options }).items]).map((event) => event.line);
    };

  test('passes a perfect translator in every row', () => {
    for (const row of ROWS) {
      const result = runRow(row, settings, oracle(row.options));
      expect(result.passed, row.name).toBe(true);
      expect(tableLine(result)).toContain('ok');
    }
  });

  test('fails one that drops an event, and tells where', () => {
    const [row] = ROWS;
    if (row === undefined) throw new Error('no rows');
    const result = runRow(row, settings, (input, ids) => [...oracle(row.options)(input, ids)].toSpliced(200, 1));
    expect(result.passed).toBe(false);
    expect(tableLine(result)).toContain('BELOW');
    expect(differenceLines(result).join('\n')).toContain('missing');
    expect(typeLines(result).join('\n')).toContain('AgentRelease');
  });

  test('never rounds up to the whole', () => {
    expect(percent(0.9999999)).toBe('99.999 %');
    expect(percent(1)).toBe('100.000 %');
  });
});
