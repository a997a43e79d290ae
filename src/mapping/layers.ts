import { nearest } from '../nearest.ts';
import type { MappingIssue } from './issue.ts';
import { issueAt } from './issue.ts';
import type { YamlFile } from './parse.ts';
import { parseYaml } from './parse.ts';
import type { TargetFile } from './schema.ts';
import { eventFile, mappingFile, tableFile, targetsFile } from './schema.ts';
import { readShape } from './shapes.ts';
import type { Layer, Source, TargetSource } from './source.ts';
import { emptySource } from './source.ts';
import type { Word } from './steps.ts';
import { readSteps } from './steps.ts';

const FOLDERS = ['events', 'tables', 'examples'];

/** Reads the layers, from the lowest base to the top, into one source. A file of an upper layer replaces the one of the same name. */
export function readLayers(layers: readonly Layer[], issues: MappingIssue[]): Source {
  const source = emptySource();
  for (const [index, layer] of layers.entries()) {
    const prefix = prefixOf(layer);
    source.root = { path: `${prefix}mapping.yaml`, line: 1, column: 1 };
    for (const name of index === 0 ? ['mapping.yaml', 'targets.yaml'] : ['mapping.yaml']) {
      if (layer.has(prefix + name)) continue;
      issues.push(issueAt({ ...source.root, path: prefix + name }, `a mapping needs a ${name}`));
      source.complete = false;
    }
    for (const [path, text] of layer) readFile({ source, issues, top: index === layers.length - 1 }, path, path.slice(prefix.length), text);
  }
  return source;
}

/** What reading a file needs to know and add to. */
interface Reading {
  readonly source: Source;
  readonly issues: MappingIssue[];
  readonly top: boolean;
}

function readFile(to: Reading, path: string, relative: string, text: string): void {
  const [folder = '', name = '', ...deeper] = relative.split('/');
  const isStray = deeper.length > 0 || !FOLDERS.includes(folder) || !name.endsWith('.yaml');
  if (relative === 'mapping.yaml') readHead(to, parseYaml(path, text, to.issues));
  else if (relative === 'targets.yaml') readTargets(to, parseYaml(path, text, to.issues));
  else if (isStray) strayFile(path, relative, to.issues);
  else if (folder === 'events') readEvent(to, parseYaml(path, text, to.issues), name.slice(0, -'.yaml'.length));
  else if (folder === 'tables') readTable(to, parseYaml(path, text, to.issues), name.slice(0, -'.yaml'.length));
}

/** What stands before `mapping.yaml` in the paths of a layer. */
export function prefixOf(layer: Layer): string {
  for (const path of layer.keys()) if (/(^|\/)mapping\.yaml$/.test(path)) return path.slice(0, -'mapping.yaml'.length);
  for (const path of layer.keys()) {
    const match = /^(.*?)(events|tables|examples)\/[^/]+$/.exec(path);
    if (match !== null) return match[1] ?? '';
  }
  return '';
}

function strayFile(path: string, relative: string, issues: MappingIssue[]): void {
  const [folder = ''] = relative.split('/');
  const meant = nearest(folder, relative.includes('/') ? FOLDERS : ['mapping.yaml', 'targets.yaml']);
  const hint = relative.endsWith('.yml')
    ? 'rename it to .yaml'
    : meant !== undefined && meant !== folder
      ? `did you mean "${meant}"?`
      : undefined;
  issues.push(
    issueAt(
      { path, line: 1, column: 1 },
      'not a file of a mapping: mapping.yaml, targets.yaml, events/*.yaml, tables/*.yaml, examples/*.yaml',
      hint,
    ),
  );
}

function readHead({ source, issues, top }: Reading, file: YamlFile): void {
  const doc = file.value === undefined ? undefined : readShape(file, [], file.value, mappingFile, issues);
  if (doc === undefined) {
    source.complete = false;
    return;
  }
  for (const [name, raw] of Object.entries(doc.steps ?? {})) {
    source.stepLists.set(name, { place: file.placeOfKey(['steps', name]), top, steps: readSteps(file, ['steps', name], raw, issues) });
  }
  const below = source.head?.doc;
  source.head = { doc: { ...doc, policies: { ...below?.policies, ...doc.policies }, waits: { ...below?.waits, ...doc.waits } }, file };
}

function readEvent({ source, issues, top }: Reading, file: YamlFile, name: string): void {
  const doc = file.value === undefined ? undefined : readShape(file, [], file.value, eventFile, issues);
  const place = doc === undefined ? { path: file.path, line: 1, column: 1 } : file.placeOf(['event']);
  const steps = doc?.steps === undefined ? [] : readSteps(file, ['steps'], doc.steps, issues);
  source.events.set(name, { name, place, top, file, steps, broken: doc === undefined, doc: doc ?? { event: name, to: null } });
}

function readTable({ source, issues, top }: Reading, file: YamlFile, name: string): void {
  const doc = file.value === undefined ? undefined : readShape(file, [], file.value, tableFile, issues);
  source.tables.set(name, { place: { path: file.path, line: 1, column: 1 }, top, values: new Map(Object.entries(doc ?? {})) });
}

function readTargets({ source, issues, top }: Reading, file: YamlFile): void {
  const doc = file.value === undefined ? undefined : readShape(file, [], file.value, targetsFile, issues);
  if (doc === undefined) source.complete = false;
  for (const [name, each] of Object.entries(doc?.forms ?? {})) mergeTarget(source.forms, name, each, file, 'forms', top);
  for (const [name, each] of Object.entries(doc?.events ?? {})) mergeTarget(source.targets, name, each, file, 'events', top);
}

function mergeTarget(into: Map<string, TargetSource>, name: string, doc: TargetFile, file: YamlFile, section: string, top: boolean): void {
  const below = into.get(name);
  const at = [section, name];
  const word = (text: string, ...path: (string | number)[]): Word => ({ name: text, place: file.placeOf([...at, ...path]) });
  const target: TargetSource = {
    place: file.placeOfKey(at),
    top,
    form: doc.form === undefined ? below?.form : word(doc.form, 'form'),
    fields: doc.fields?.map((field, index) => word(field, 'fields', index)) ?? below?.fields ?? [],
    fills: new Map(below?.fills),
    constants: new Map(below?.constants),
    closed: doc.closed ?? below?.closed,
  };
  for (const [field, fill] of Object.entries(doc.fills ?? {}))
    target.fills.set(field, { fill, place: file.placeOfKey([...at, 'fills', field]) });
  for (const [field, value] of Object.entries(doc.constants ?? {})) {
    target.constants.set(field, { value, place: file.placeOfKey([...at, 'constants', field]) });
  }
  into.set(name, target);
}
