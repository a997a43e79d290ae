import type { MappingDiff } from '../../compare/mappings.ts';
import { diffMappings } from '../../compare/mappings.ts';
import type { ExitCode } from '../../errors.ts';
import { EXIT, UpcastError } from '../../errors.ts';
import type { ExampleCase } from '../../mapping/examples.ts';
import { exampleCases } from '../../mapping/examples.ts';
import type { MappingIssue } from '../../mapping/issue.ts';
import { MappingError, renderIssue } from '../../mapping/issue.ts';
import type { Mapping } from '../../mapping/model.ts';
import { renderCoverage, renderMappingDiff, renderPermuted } from '../../report/check-text.ts';
import type { Coverage } from '../../report/coverage.ts';
import { coverageOf } from '../../report/coverage.ts';
import type { ExampleResult } from '../../report/examples.ts';
import { renderFailure, runExamples } from '../../report/examples.ts';
import { toJunit } from '../../report/junit.ts';
import type { Permuted } from '../../report/permute.ts';
import { permuteExamples } from '../../report/permute.ts';
import { loadMapping, readMappingFolder } from '../../source/mapping-folder.ts';
import type { Flags, Settings } from '../config.ts';
import { resolveSettings } from '../config.ts';
import { readIds, readingOf } from '../job.ts';
import type { Colors, Io } from '../output.ts';
import { colorsFor } from '../output.ts';
import { refuseClash, refuseNoFile } from '../paths.ts';
import { createResultFiles } from '../result-files.ts';

/** What a check found. */
interface Checked {
  readonly name: string;
  readonly mapping: Mapping | undefined;
  readonly issues: readonly MappingIssue[];
  readonly examples: readonly ExampleResult[];
  readonly failed: readonly ExampleResult[];
  readonly coverage: Coverage | undefined;
  /** Undefined where it was not asked for. */
  readonly permuted: readonly Permuted[] | undefined;
}

/** `check [MAPPING] [INPUT…]`: lints a mapping and runs its examples; with `--diff`, what another one changes on a log. */
export async function checkCommand(words: readonly string[], flags: Flags, io: Io): Promise<ExitCode> {
  const settings = resolveSettings(flags, io.env);
  const other = settings.get('diff');
  if (other !== undefined) return checkDiff(words, other, settings, io);
  const [name, ...more] = words;
  if (more.length > 0) throw usage(`one mapping is checked at a time, got ${words.length}`, 'inputs are read with --diff OTHER only');
  const junit = settings.get('junit');
  refuseNoFile(junit);
  const files = createResultFiles<Checked>(settings);
  files.open(junit, junitOf);
  try {
    const checked = await check(name ?? settings.need('mapping'), settings);
    const isClean = checked.issues.length + checked.failed.length + (checked.permuted ?? []).length === 0;
    if (settings.on('json')) io.stdout.write(`${JSON.stringify(toJson(checked, isClean), null, 2)}\n`);
    else if (!settings.on('quiet') || !isClean) {
      const lines = toText(checked, settings.on('coverage'), colorsFor(io.stdout, settings.get('color'), io.env));
      io.stdout.write(`${lines.join('\n')}\n`);
    }
    await files.write(checked);
    return isClean ? EXIT.ok : EXIT.config;
  } catch (error) {
    await files.remove();
    throw error;
  }
}

function usage(message: string, hint: string): UpcastError {
  return new UpcastError({ code: 'usage', exit: EXIT.usage, message, hint });
}

/** `check [MAPPING] --diff OTHER INPUT…`. With one word only, it is an input, and the mapping is the configured one. */
async function checkDiff(words: readonly string[], other: string, settings: Settings, io: Io): Promise<ExitCode> {
  const [first, ...rest] = words;
  if (first === undefined) throw usage('a log is needed to see what a mapping changes', 'check MAPPING --diff OTHER legacy.ndjson');
  const [name, inputs] = rest.length === 0 ? [settings.need('mapping'), [first]] : [first, rest];
  refuseClash(inputs.map((input) => ['an input', input] as const));
  const job = {
    ...readingOf(settings),
    inputs,
    mapping: await loadMapping(name),
    other: await loadMapping(other),
    ids: await readIds(settings.get('ids')),
    limit: settings.get('limit'),
  };
  const found: MappingDiff = await diffMappings(job);
  if (settings.on('json')) io.stdout.write(`${JSON.stringify({ mapping: name, other, ...found }, null, 2)}\n`);
  else io.stdout.write(renderMappingDiff(found, [name, other]));
  return EXIT.ok;
}

async function check(name: string, settings: Settings): Promise<Checked> {
  const layers = await readMappingFolder(name);
  const issues: MappingIssue[] = [];
  const mapping = await collect(issues, () => loadMapping(name));
  const own = layers.at(-1);
  const cases = (await collect(issues, async () => (own === undefined ? [] : exampleCases(own)))) ?? [];
  // Examples of a mapping that has issues would fail for reasons that are listed already.
  if (mapping === undefined) return { name, mapping, issues, examples: [], failed: [], coverage: undefined, permuted: undefined };
  const examples = runExamples(mapping, cases);
  // What a mapping extends has examples, too: they describe that one, but reach steps of this one.
  const all: readonly ExampleCase[] = [...layers.slice(0, -1).flatMap(exampleCases), ...cases];
  return {
    ...{ name, mapping, issues, examples },
    failed: examples.filter((result) => !result.passed),
    coverage: coverageOf(mapping, all),
    permuted: settings.on('permute') ? permuteExamples(mapping, cases) : undefined,
  };
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

function toText(checked: Checked, all: boolean, colors: Colors): string[] {
  const { name, mapping, issues, examples, failed, coverage, permuted = [] } = checked;
  const lines = [...issues.map(renderIssue), ...failed.map(renderFailure), ...permuted.map(renderPermuted)];
  if (mapping !== undefined) {
    lines.push(
      `mapping ${mapping.name} ${mapping.version}: ${mapping.events.size} events of 1.0, ${mapping.targets.size} of 2.0, ` +
        `hash ${mapping.hash.slice(0, 12)}`,
    );
    lines.push(`examples: ${examples.length - failed.length} of ${examples.length} pass`);
  }
  if (coverage !== undefined) lines.push(...renderCoverage(coverage, all));
  if (checked.permuted !== undefined) {
    lines.push(`in other orders within the lateness window: ${examples.length - permuted.length} of ${examples.length} give the same`);
  }
  const count = issues.length + failed.length + permuted.length;
  lines.push(count === 0 ? colors.green(`${name}: no issues`) : colors.red(`${name}: ${count} ${count === 1 ? 'issue' : 'issues'}`));
  return lines;
}

/** Issues as failed checks of their files, then each example. */
function junitOf({ name, issues, examples, permuted }: Checked): string {
  const lint = issues.length === 0 ? [{ group: name, name: 'lint', failure: undefined }] : [];
  const failures = issues.map((issue) => ({ group: issue.path, name: `lint, line ${issue.line}`, failure: renderIssue(issue) }));
  const orders = (permuted ?? []).map((each) => ({
    group: each.example.path,
    name: `${each.example.title} (order)`,
    failure: renderPermuted(each),
  }));
  const run = examples.map((result) => ({
    group: result.example.path,
    name: result.example.title,
    failure: result.passed ? undefined : renderFailure(result),
  }));
  return toJunit(`ccc-upcast check ${name}`, [...lint, ...failures, ...run, ...orders]);
}

function toJson({ name, mapping, issues, examples, failed, coverage, permuted }: Checked, isClean: boolean): object {
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
    coverage: coverage ?? null,
    permuted: permuted?.map(({ example, ...rest }) => ({ path: example.path, line: example.line, title: example.title, ...rest })) ?? null,
  };
}
