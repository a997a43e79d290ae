import { nearest } from '../nearest.ts';
import type { MappingIssue, Place } from './issue.ts';
import { issueAt } from './issue.ts';
import type { YamlFile } from './parse.ts';
import { parseYaml } from './parse.ts';
import type { EventFile, FillFile, MappingFile, TableFile, TargetFile } from './schema.ts';
import { eventFile, mappingFile, tableFile, targetsFile } from './schema.ts';
import { readShape } from './shapes.ts';
import type { Step, Word } from './steps.ts';
import { readSteps } from './steps.ts';

/** The files of one mapping folder: path as shown to people → text. One of them is `…/mapping.yaml`. */
export type Layer = ReadonlyMap<string, string>;

/** Something that a layer defines. `top` is false where only a mapping below does: it is not the author's to tidy up. */
export interface Defined {
  readonly place: Place;
  readonly top: boolean;
}

/** A shared step list. */
export interface StepList extends Defined {
  readonly steps: readonly Step[];
}

/** A value table. */
export interface Table extends Defined {
  readonly values: ReadonlyMap<string, string | null>;
}

/** An event file. */
export interface EventSource extends Defined {
  /** File name without `.yaml`. */
  readonly name: string;
  readonly doc: EventFile;
  readonly file: YamlFile;
  readonly steps: readonly Step[];
  /** The file could not be read: it counts as present, and nothing more is said of it. */
  readonly broken: boolean;
}

/** A form or a 2.0 event, merged over the layers. */
export interface TargetSource extends Defined {
  form: Word | undefined;
  fields: readonly Word[];
  readonly fills: Map<string, { readonly place: Place; readonly fill: FillFile }>;
  readonly constants: Map<string, { readonly place: Place; readonly value: string | null }>;
  closed: boolean | undefined;
}

/** What the layers say together, before it is compiled. */
export interface Source {
  /** The topmost `mapping.yaml`, with the policies and waits of those below. */
  readonly head: { readonly doc: MappingFile; readonly file: YamlFile } | undefined;
  readonly root: Place;
  /** False if a mapping.yaml or targets.yaml is missing or cannot be read: what others refer to would then seem unknown. */
  complete: boolean;
  readonly stepLists: ReadonlyMap<string, StepList>;
  readonly events: ReadonlyMap<string, EventSource>;
  readonly tables: ReadonlyMap<string, Table>;
  readonly forms: ReadonlyMap<string, TargetSource>;
  readonly targets: ReadonlyMap<string, TargetSource>;
}

const FOLDERS = ['events', 'tables', 'examples'];

/** Reads the layers, from the lowest base to the top, into one source. A file of an upper layer replaces the one of the same name. */
export function readLayers(layers: readonly Layer[], issues: MappingIssue[]): Source {
  const source = {
    head: undefined as Source['head'],
    root: { path: 'mapping.yaml', line: 1, column: 1 },
    complete: true,
    stepLists: new Map<string, StepList>(),
    events: new Map<string, EventSource>(),
    tables: new Map<string, Table>(),
    forms: new Map<string, TargetSource>(),
    targets: new Map<string, TargetSource>(),
  };
  for (const [index, layer] of layers.entries()) {
    const top = index === layers.length - 1;
    const prefix = prefixOf(layer);
    source.root = { path: `${prefix}mapping.yaml`, line: 1, column: 1 };
    if (index === 0) requireFile(layer, `${prefix}targets.yaml`, source, issues);
    requireFile(layer, source.root.path, source, issues);
    for (const [path, text] of layer) {
      const relative = path.slice(prefix.length);
      const [folder, name, ...deeper] = relative.split('/');
      if (relative === 'mapping.yaml') source.head = readHead(source.head, source.stepLists, parseYaml(path, text, issues), top, issues);
      else if (relative === 'targets.yaml') readTargets(source, parseYaml(path, text, issues), top, issues);
      else if (name === undefined || deeper.length > 0 || !FOLDERS.includes(folder ?? '') || !name.endsWith('.yaml'))
        strayFile(path, relative, issues);
      else if (folder === 'events') readEvent(source.events, parseYaml(path, text, issues), name.slice(0, -5), top, issues);
      else if (folder === 'tables') readTable(source.tables, parseYaml(path, text, issues), name.slice(0, -5), top, issues);
    }
  }
  return source;
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

function readHead(
  below: Source['head'],
  stepLists: Map<string, StepList>,
  file: YamlFile,
  top: boolean,
  issues: MappingIssue[],
): Source['head'] {
  const doc = file.value === undefined ? undefined : readShape(file, [], file.value, mappingFile, issues);
  if (doc === undefined) return below;
  for (const [name, raw] of Object.entries(doc.steps ?? {})) {
    stepLists.set(name, { place: file.placeOfKey(['steps', name]), top, steps: readSteps(file, ['steps', name], raw, issues) });
  }
  const merged = { ...doc, policies: { ...below?.doc.policies, ...doc.policies }, waits: { ...below?.doc.waits, ...doc.waits } };
  return { doc: merged, file };
}

function readEvent(events: Map<string, EventSource>, file: YamlFile, name: string, top: boolean, issues: MappingIssue[]): void {
  const doc = file.value === undefined ? undefined : readShape(file, [], file.value, eventFile, issues);
  const place = doc === undefined ? { path: file.path, line: 1, column: 1 } : file.placeOf(['event']);
  const steps = doc?.steps === undefined ? [] : readSteps(file, ['steps'], doc.steps, issues);
  events.set(name, { name, place, top, file, steps, broken: doc === undefined, doc: doc ?? { event: name, to: null } });
}

function readTable(tables: Map<string, Table>, file: YamlFile, name: string, top: boolean, issues: MappingIssue[]): void {
  const doc: TableFile | undefined = file.value === undefined ? undefined : readShape(file, [], file.value, tableFile, issues);
  tables.set(name, { place: { path: file.path, line: 1, column: 1 }, top, values: new Map(Object.entries(doc ?? {})) });
}

interface TargetMaps {
  readonly forms: Map<string, TargetSource>;
  readonly targets: Map<string, TargetSource>;
}

function readTargets(maps: TargetMaps, file: YamlFile, top: boolean, issues: MappingIssue[]): void {
  const doc = file.value === undefined ? undefined : readShape(file, [], file.value, targetsFile, issues);
  for (const [name, each] of Object.entries(doc?.forms ?? {})) mergeTarget(maps.forms, name, each, file, 'forms', top);
  for (const [name, each] of Object.entries(doc?.events ?? {})) mergeTarget(maps.targets, name, each, file, 'events', top);
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
