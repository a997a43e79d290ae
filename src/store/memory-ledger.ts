import type { Ledger, LedgerLine } from './ledger-rows.ts';

/** A ledger that lives as long as the process. */
export function createMemoryLedger(): Ledger {
  let lines: LedgerLine[] = [];
  let last = 0;
  return {
    add(file, line) {
      last += 1;
      lines.push({ id: last, file, line });
      return last;
    },
    lines: (limit) => lines.slice(0, limit),
    forget(upTo) {
      lines = lines.filter(({ id }) => id > upTo);
    },
  };
}
