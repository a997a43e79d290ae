import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { MappingIssue, Place } from './issue.ts';
import { issueAt } from './issue.ts';

/** Keys and indexes that lead from a document's root to a node. */
export type NodePath = readonly PropertyKey[];

/** A parsed YAML file: its plain value, and where each node of it stands in the text. */
export interface YamlFile {
  readonly path: string;
  readonly value: unknown;
  /** Where the node at `path` begins; of the deepest node on the way that exists, otherwise. */
  placeOf(path: NodePath): Place;
  /** Where the key that leads to the node at `path` begins. */
  placeOfKey(path: NodePath): Place;
}

/** Parses one YAML file; syntax errors become issues, and the value is then undefined. */
export function parseYaml(path: string, text: string, issues: MappingIssue[]): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    // An empty file has no lines: its place is its beginning.
    return { path, line: Math.max(1, line), column: Math.max(1, col) };
  };
  for (const error of [...document.errors, ...document.warnings]) issues.push(issueAt(place(error.pos[0]), oneLine(error.message)));
  const find = (wanted: NodePath, key: boolean): Place => place(offsetOf(document.contents, wanted, key));
  return {
    path,
    value: document.errors.length > 0 ? undefined : plainValue(document, path, issues),
    placeOf: (wanted) => find(wanted, false),
    placeOfKey: (wanted) => find(wanted, true),
  };
}

/** The plain value; aliases that multiply without bound, and aliases of nothing, are refused by the package. */
function plainValue(document: Document, path: string, issues: MappingIssue[]): unknown {
  try {
    return document.toJS() as unknown;
  } catch (error) {
    issues.push(issueAt({ path, line: 1, column: 1 }, oneLine(error instanceof Error ? error.message : String(error))));
    return undefined;
  }
}

function oneLine(message: string): string {
  return message.split('\n', 1)[0] ?? message;
}

function offsetOf(root: Node | null, wanted: NodePath, key: boolean): number {
  let node: Node | null = root;
  let offset = root?.range?.[0] ?? 0;
  for (const [depth, step] of wanted.entries()) {
    const found = childOf(node, step, key && depth === wanted.length - 1);
    if (found === undefined) return offset;
    offset = found.offset;
    node = found.node;
  }
  return offset;
}

function childOf(node: Node | null, step: PropertyKey, key: boolean): { offset: number; node: Node | null } | undefined {
  if (isSeq<Node>(node)) {
    const item = node.items[Number(step)];
    return item?.range ? { offset: item.range[0], node: item } : undefined;
  }
  if (!isMap<Node, Node | null>(node)) return undefined;
  const pair = node.items.find((each) => isScalar(each.key) && String(each.key.value) === String(step));
  if (pair === undefined) return undefined;
  const at = key || !pair.value?.range ? pair.key : pair.value;
  return at.range ? { offset: at.range[0], node: pair.value } : undefined;
}
