import * as z from 'zod';
import { didYouMean } from '../nearest.ts';
import type { MappingIssue } from './issue.ts';
import { issueAt } from './issue.ts';
import type { NodePath, YamlFile } from './parse.ts';

/** A part of a YAML file, read by a shape; what does not fit becomes issues at the exact place, and undefined is returned. */
export function readShape<T>(file: YamlFile, at: NodePath, value: unknown, shape: z.ZodType<T>, issues: MappingIssue[]): T | undefined {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) issues.push(...issuesOf({ file, at, value, shape }, issue));
  return undefined;
}

/** What a value does not fit, in the words of a mapping's author. */
interface Misfit {
  readonly file: YamlFile;
  /** Where the value that was read stands. */
  readonly at: NodePath;
  readonly value: unknown;
  readonly shape: z.ZodType;
}

function issuesOf(misfit: Misfit, issue: z.core.$ZodIssue): readonly MappingIssue[] {
  const path = [...misfit.at, ...issue.path];
  const name = nameOf(issue.path) || String(misfit.at.at(-1) ?? 'the file');
  const got = valueAt(misfit.value, issue.path);
  const here = (message: string, hint?: string): readonly MappingIssue[] => [issueAt(misfit.file.placeOf(path), message, hint)];
  switch (issue.code) {
    case 'unrecognized_keys':
      return unknownKeys(misfit, issue.keys, issue.path, path.length === 0 ? '' : ` in ${name}`);
    case 'invalid_value':
      return here(
        got === undefined ? `${name} is missing` : `${name}: unknown value ${show(got)}`,
        didYouMean(String(got), issue.values.map(String)),
      );
    case 'invalid_type':
      if (got === undefined) return here(`${name} is missing`);
      if (got === null) return here(`${name} is empty`);
      return here(`${name}: expected ${issue.expected}, got ${show(got)}`, quoteHint(issue.expected, got));
    case 'too_small':
      return here(`${name} is empty`);
    default:
      return here(`${name}: ${issue.message}`);
  }
}

function unknownKeys({ file, at, shape }: Misfit, keys: readonly string[], path: NodePath, where: string): readonly MappingIssue[] {
  const known = keysAt(shape, path);
  return keys.map((key) => issueAt(file.placeOfKey([...at, ...path, key]), `unknown key "${key}"${where}`, didYouMean(key, known)));
}

function quoteHint(expected: string, got: unknown): string | undefined {
  return expected === 'string' && (typeof got === 'number' || typeof got === 'boolean') ? `put it in quotes: "${String(got)}"` : undefined;
}

function nameOf(path: readonly PropertyKey[]): string {
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${String(step)}`)).join('');
}

function show(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'a map' : JSON.stringify(value);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at: unknown = value;
  for (const step of path) at = typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[step] : undefined;
  return at;
}

/** The keys that the object at `path` may have, for the hint. */
function keysAt(shape: unknown, path: readonly PropertyKey[]): string[] {
  let at: unknown = unwrap(shape);
  for (const step of path) {
    if (at instanceof z.ZodObject) at = unwrap((at.shape as Record<string, unknown>)[String(step)]);
    else if (at instanceof z.ZodRecord) at = unwrap(at.valueType);
    else if (at instanceof z.ZodArray) at = unwrap(at.element);
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape as object) : [];
}

function unwrap(shape: unknown): unknown {
  return shape instanceof z.ZodOptional || shape instanceof z.ZodNullable ? unwrap(shape.unwrap()) : shape;
}
