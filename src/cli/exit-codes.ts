import type { ExitCode } from '../errors.ts';
import { EXIT } from '../errors.ts';
import type { RunResult } from '../pipeline/job.ts';
import { booksOf } from '../report/books.ts';

/** What outranks what when a run ends for several reasons. */
const RANK: readonly ExitCode[] = [EXIT.internal, EXIT.unbalanced, EXIT.io, EXIT.damaged, EXIT.unreachable];

/** The exit code of a run that came to its end. */
export function exitOfRun(result: RunResult): ExitCode {
  const codes: ExitCode[] = [];
  if (!booksOf(result).balanced) codes.push(EXIT.unbalanced);
  if (result.deadLetters.count > 0) codes.push(EXIT.deadLetters);
  return worstExit(codes);
}

/** Of several exit codes the one to end with: 1, 4, 74, 65, 69, then any other failure, then 3, then 0. */
export function worstExit(codes: readonly ExitCode[]): ExitCode {
  const ranked = RANK.find((code) => codes.includes(code));
  if (ranked !== undefined) return ranked;
  const other = codes.find((code) => code !== EXIT.ok && code !== EXIT.deadLetters);
  return other ?? (codes.includes(EXIT.deadLetters) ? EXIT.deadLetters : EXIT.ok);
}
