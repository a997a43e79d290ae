import { EXIT, UpcastError } from '../errors.ts';

/** A spot in a mapping's text; line and column count from 1. */
export interface Place {
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

/** Something wrong in a mapping, and what to do about it. */
export interface MappingIssue extends Place {
  readonly message: string;
  readonly hint: string | undefined;
}

/** An issue at a place. */
export function issueAt(place: Place, message: string, hint?: string): MappingIssue {
  return { path: place.path, line: place.line, column: place.column, message, hint };
}

/** `mappings/…/AgentRinging.yaml:14:5: unknown step "renam"; did you mean "rename"?` */
export function renderIssue(issue: MappingIssue): string {
  const hint = issue.hint === undefined ? '' : `; ${issue.hint}`;
  return `${issue.path}:${issue.line}:${issue.column}: ${issue.message}${hint}`;
}

/** A mapping that cannot be used. The message lists every issue, one a line. */
export class MappingError extends UpcastError {
  readonly issues: readonly MappingIssue[];

  constructor(name: string, found: readonly MappingIssue[]) {
    const issues = sortIssues(found);
    const first = issues[0];
    const count = issues.length === 1 ? '1 issue' : `${issues.length} issues`;
    super({
      code: 'bad-mapping',
      exit: EXIT.config,
      message: `mapping ${name} has ${count}:\n${issues.map((issue) => `  ${renderIssue(issue)}`).join('\n')}`,
      place: first === undefined ? undefined : `${first.path}:${first.line}:${first.column}`,
      hint: 'mappings/README.md describes the mapping language',
    });
    this.name = 'MappingError';
    this.issues = issues;
  }
}

/** In reading order, each once: a shared step list is run for many events and would repeat its issues. */
function sortIssues(found: readonly MappingIssue[]): readonly MappingIssue[] {
  const unique = new Map(found.map((issue) => [renderIssue(issue), issue]));
  return [...unique.values()].sort((a, b) => Number(a.path > b.path) - Number(a.path < b.path) || a.line - b.line || a.column - b.column);
}
