import type { ExitCode } from '../../errors.ts';
import { EXIT } from '../../errors.ts';
import { exampleCases } from '../../mapping/examples.ts';
import type { MappingIssue } from '../../mapping/issue.ts';
import { MappingError, renderIssue } from '../../mapping/issue.ts';
import type { Mapping } from '../../mapping/model.ts';
import type { ExampleResult } from '../../report/examples.ts';
import { renderFailure, runExamples } from '../../report/examples.ts';
import { loadMapping, readMappingFolder } from '../../source/mapping-folder.ts';
import type { Flags } from '../config.ts';
import { resolveSettings } from '../config.ts';
import type { Colors, Io } from '../output.ts';
import { colorsFor } from '../output.ts';

/** What a check found. */
interface Checked {
  readonly name: string;
  readonly mapping: Mapping | undefined;
  readonly issues: readonly MappingIssue[];
  readonly examples: readonly ExampleResult[];
}

/** `check [MAPPING]`: lints a mapping and runs its examples. */
export async function checkCommand(name: string | undefined, flags: Flags, io: Io): Promise<ExitCode> {
  const settings = resolveSettings(flags, io.env);
  const checked = await check(name ?? settings.need('mapping'));
  const failed = checked.examples.filter((result) => !result.passed);
  const isClean = checked.issues.length === 0 && failed.length === 0;
  if (settings.on('json')) io.stdout.write(`${JSON.stringify(toJson(checked, failed, isClean), null, 2)}\n`);
  else if (!settings.on('quiet') || !isClean) {
    io.stdout.write(`${toText(checked, failed, colorsFor(io.stdout, settings.get('color'), io.env)).join('\n')}\n`);
  }
  return isClean ? EXIT.ok : EXIT.config;
}

async function check(name: string): Promise<Checked> {
  const layers = await readMappingFolder(name);
  const issues: MappingIssue[] = [];
  const mapping = await collect(issues, () => loadMapping(name));
  const own = layers.at(-1);
  const cases = await collect(issues, async () => (own === undefined ? [] : exampleCases(own)));
  // Examples of a mapping that has issues would fail for reasons that are listed already.
  return { name, mapping, issues, examples: mapping === undefined ? [] : runExamples(mapping, cases ?? []) };
}

/** The result, or undefined with its issues added to the others: one run shows them all. */
async function collect<T>(issues: MappingIssue[], read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof MappingError)) throw error;
    issues.push(...error.issues);
    return undefined;
  }
}

function toText(checked: Checked, failed: readonly ExampleResult[], colors: Colors): string[] {
  const { name, mapping, issues, examples } = checked;
  const lines = [...issues.map(renderIssue), ...failed.map(renderFailure)];
  if (mapping !== undefined) {
    lines.push(
      `mapping ${mapping.name} ${mapping.version}: ${mapping.events.size} events of 1.0, ${mapping.targets.size} of 2.0, ` +
        `hash ${mapping.hash.slice(0, 12)}`,
    );
    lines.push(`examples: ${examples.length - failed.length} of ${examples.length} pass`);
  }
  const count = issues.length + failed.length;
  lines.push(count === 0 ? colors.green(`${name}: no issues`) : colors.red(`${name}: ${count} ${count === 1 ? 'issue' : 'issues'}`));
  return lines;
}

function toJson({ name, mapping, issues, examples }: Checked, failed: readonly ExampleResult[], isClean: boolean): object {
  return {
    name,
    clean: isClean,
    mapping:
      mapping === undefined
        ? null
        : { name: mapping.name, version: mapping.version, hash: mapping.hash, events: mapping.events.size, targets: mapping.targets.size },
    issues: issues.map(({ path, line, column, message, hint }) => ({ path, line, column, message, hint: hint ?? null })),
    examples: {
      run: examples.length,
      passed: examples.length - failed.length,
      failures: failed.map(({ example, expected, got, gotOutcome }) => ({
        path: example.path,
        line: example.line,
        title: example.title,
        expected,
        got,
        outcome: { expected: example.outcome ?? null, got: gotOutcome ?? null },
      })),
    },
  };
}
