import * as z from 'zod';
import { didYouMean } from '../nearest.ts';
import type { MappingIssue } from './issue.ts';
import { issueAt } from './issue.ts';
import type { NodePath, YamlFile } from './parse.ts';

/** A part of a YAML file, read by a shape; what does not fit becomes issues at the exact place, and undefined is returned. */
export function readShape<T>(file: YamlFile, at: NodePath, value: unknown, shape: z.ZodType<T>, issues: MappingIssue[]): T | undefined {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) report(file, at, value, shape, issue, issues);
  return undefined;
}

function report(file: YamlFile, at: NodePath, value: unknown, shape: z.ZodType, issue: z.core.$ZodIssue, issues: MappingIssue[]): void {
  const path = [...at, ...issue.path];
  const name = nameOf(issue.path);
  const got = valueAt(value, issue.path);
  switch (issue.code) {
    case 'unrecognized_keys':
      for (const key of issue.keys) {
        issues.push(
          issueAt(
            file.placeOfKey([...path, key]),
            `unknown key "${key}"${name && ` in ${name}`}`,
            didYouMean(key, keysAt(shape, issue.path)),
          ),
        );
      }
      return;
    case 'invalid_value': {
      const values = issue.values.map(String);
      const missing = got === undefined;
      issues.push(
        issueAt(
          file.placeOf(path),
          missing ? `${name} is missing` : `${name}: unknown value ${show(got)}`,
          didYouMean(String(got), values),
        ),
      );
      return;
    }
    case 'invalid_type':
      if (got === undefined) issues.push(issueAt(file.placeOf(path), `${name || 'the file'} is ${name ? 'missing' : 'empty'}`));
      else
        issues.push(
          issueAt(
            file.placeOf(path),
            `${name || 'the file'}: expected ${issue.expected}, got ${show(got)}`,
            quoteHint(issue.expected, got),
          ),
        );
      return;
    case 'too_small':
      issues.push(issueAt(file.placeOf(path), `${name} is empty`));
      return;
    default:
      issues.push(issueAt(file.placeOf(path), `${name}: ${issue.message}`));
  }
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
