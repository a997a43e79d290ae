import { describe, expect, it } from 'vitest';
import { exitOfRun, worstExit } from '../../src/cli/exit-codes.ts';
import { EXIT } from '../../src/errors.ts';
import { cleanResult, someResult, unbalancedResult } from '../report/result.ts';

describe('the exit code of a run', () => {
  it('is 0 when the books balance and nothing is dead', () => {
    expect(exitOfRun(cleanResult())).toBe(0);
  });

  it('is 3 with dead letters', () => {
    expect(exitOfRun(someResult())).toBe(3);
  });

  it('is 4 when the books do not balance, dead letters or not', () => {
    expect(exitOfRun(unbalancedResult())).toBe(4);
  });

  it('is 4 when only the run itself noticed that something is missing', () => {
    expect(exitOfRun({ ...cleanResult(), imbalances: ['3 events translated, 2 written as translations'] })).toBe(4);
  });
});

describe('of several exit codes', () => {
  it('1, 4, 74, 65, 69, 3 come first in this order', () => {
    const order = [EXIT.internal, EXIT.unbalanced, EXIT.io, EXIT.damaged, EXIT.unreachable, EXIT.deadLetters] as const;
    for (let index = 0; index < order.length; index += 1) expect(worstExit(order.slice(index).reverse())).toBe(order[index]);
  });

  it('any other failure outranks dead letters, and anything outranks 0', () => {
    expect(worstExit([EXIT.deadLetters, EXIT.cannotCreate])).toBe(73);
    expect(worstExit([EXIT.ok, EXIT.deadLetters])).toBe(3);
    expect(worstExit([EXIT.ok])).toBe(0);
    expect(worstExit([])).toBe(0);
  });
});
