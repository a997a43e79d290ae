import type { RunResult } from '../pipeline/job.ts';
import { booksOf } from './books.ts';
import { formatBytes, formatCount, formatSeconds, shown } from './figures.ts';

/** The end of a run in a few lines: what came in, what went out, what was lost, and where the files are. */
export function renderSummary(result: RunResult): string[] {
  const { inputTotal, outputTotal, balanced } = booksOf(result);
  if (result.ending === 'again') return ['this job was finished before: nothing was done', ...fileLines(result)];
  const rate = result.seconds > 0 ? ` (${formatCount(result.records / result.seconds)}/s)` : '';
  return [
    `in    ${formatCount(inputTotal.in)} events, ${formatBytes(result.bytesRead)}, in ${formatSeconds(result.seconds)}${rate}`,
    `      ${parts([
      ['translated', inputTotal.translated],
      ['dropped', inputTotal.dropped],
      ['set aside', inputTotal.setAside],
      ['duplicates', inputTotal.duplicates],
      ['held', result.ending === 'open' ? inputTotal.held : 0],
      [inputTotal.deadLetters === 1 ? 'dead letter' : 'dead letters', inputTotal.deadLetters],
    ])}`,
    `out   ${formatCount(outputTotal.out)} events: ${parts([
      ['translated', outputTotal.translated],
      ['synthesized', outputTotal.synthesized],
    ])}`,
    `books ${balanced ? 'balance' : 'DO NOT BALANCE'}`,
    ...(result.ending === 'open' ? ['open  what still waits is kept: the same command goes on when the input has grown'] : []),
    ...fileLines(result),
  ];
}

function fileLines({ files }: RunResult): string[] {
  return files.map((file) => `file  ${file.path === '-' ? 'stdout' : shown(file.path)}: ${file.kind}, ${formatCount(file.lines)} lines`);
}

function parts(counts: readonly (readonly [string, number])[]): string {
  const some = counts.filter(([, count]) => count !== 0).map(([name, count]) => `${formatCount(count)} ${name}`);
  return some.length === 0 ? 'nothing' : some.join(', ');
}
