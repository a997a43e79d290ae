import type { ExitCode } from '../../errors.ts';
import { EXIT, UpcastError } from '../../errors.ts';
import type { Progress, RunResult } from '../../pipeline/job.ts';
import { renderJson } from '../../report/json.ts';
import { renderSummary } from '../../report/summary.ts';
import { renderText } from '../../report/text.ts';
import type { Flags, Settings } from '../config.ts';
import { resolveSettings } from '../config.ts';
import { exitOfRun } from '../exit-codes.ts';
import type { Io } from '../output.ts';
import { warn } from '../output.ts';
import { pathsOf } from '../paths.ts';
import { createProgressLine, renderProgress } from '../progress.ts';
import { createResultFiles } from '../result-files.ts';

/** `merge SHARD…`: the shares of `convert --shard`, put together. */
export async function mergeCommand(shards: readonly string[], flags: Flags, io: Io): Promise<ExitCode> {
  const settings = resolveSettings(flags, io.env);
  const paths = pathsOf(shards, settings, io);
  const report = reportOf(settings);
  const { mergeShards } = await import('../../pipeline/shards/merge-shards.ts');
  const isQuiet = settings.on('quiet');
  const line = isQuiet ? undefined : createProgressLine<Progress>(io.stderr, renderProgress);
  const files = createResultFiles<RunResult>(settings);
  try {
    files.open(report, (result) => (report?.endsWith('.json') ? renderJson(result) : renderText(result)));
    const result = await mergeShards({
      ...{ shards, output: paths.output, deadLetters: paths.deadLetters, dropped: paths.dropped, force: settings.on('force') },
      provenance: paths.provenance.kind === 'file' ? paths.provenance.path : undefined,
      keepEmpty: settings.get('dead-letters') !== undefined,
      onProgress: line === undefined ? undefined : (progress) => line.update(progress),
    });
    line?.clear();
    await files.write(result);
    if (!isQuiet) {
      for (const warning of result.warnings) warn(io, warning, settings.get('color'));
      const where = report === undefined ? [] : [`file  ${report}: report`];
      for (const text of [...renderSummary(result), ...where]) io.stderr.write(`${text}\n`);
    }
    return exitOfRun(result);
  } catch (error) {
    line?.clear();
    await files.remove();
    throw error;
  }
}

/** The page needs the log once more, which is not at hand here. */
function reportOf(settings: Settings): string | undefined {
  const path = settings.get('report');
  if (path === undefined || /\.(json|txt)$/.test(path)) return path;
  throw new UpcastError({
    code: 'usage',
    exit: EXIT.usage,
    message: `report: expected a name that ends in .txt or .json, got ${JSON.stringify(path)}`,
    hint: 'the page is made by convert, which reads the log; explain shows single calls',
  });
}
