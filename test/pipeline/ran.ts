import type { RunResult } from '../../src/pipeline/job.ts';
import { renderText } from '../../src/report/text.ts';

/** What a run left and told. */
export interface Ran {
  readonly files: Readonly<Record<string, string>>;
  readonly told: string;
}

/** The report and the survey, but for how long it took, and how much the process that ended it had to read. */
export function told(result: RunResult): string {
  return `${renderText({ ...result, seconds: 1, bytesRead: 0, files: [] })}\n${JSON.stringify(result.survey)}`;
}

/** Where two runs differ first, file by file: whole files would drown what is wrong. */
export function differences(folder: string, a: Ran, b: Ran): string[] {
  const texts = (one: Ran): Readonly<Record<string, string>> => ({ ...one.files, report: one.told });
  return Object.entries(texts(b)).flatMap(([name, wanted]) => {
    const got = (texts(a)[name] ?? '').replaceAll(folder, '');
    const lines = wanted.replaceAll(folder, '').split('\n');
    const at = got.split('\n').findIndex((line, index) => line !== lines[index]);
    if (got === lines.join('\n')) return [];
    return [`${name}, line ${at}: ${got.split('\n')[at]?.slice(0, 300)} instead of ${lines[at]?.slice(0, 300)}`];
  });
}
