import type { Place } from './issue.ts';
import type { YamlFile } from './parse.ts';
import type { EventFile, FillFile, MappingFile } from './schema.ts';
import type { Step, Word } from './steps.ts';

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
  head: { readonly doc: MappingFile; readonly file: YamlFile } | undefined;
  root: Place;
  /** False if a mapping.yaml or targets.yaml is missing or cannot be read: what others refer to would then seem unknown. */
  complete: boolean;
  readonly stepLists: Map<string, StepList>;
  readonly events: Map<string, EventSource>;
  readonly tables: Map<string, Table>;
  readonly forms: Map<string, TargetSource>;
  readonly targets: Map<string, TargetSource>;
}

/** A source that says nothing yet. */
export function emptySource(): Source {
  return {
    head: undefined,
    root: { path: 'mapping.yaml', line: 1, column: 1 },
    complete: true,
    stepLists: new Map(),
    events: new Map(),
    tables: new Map(),
    forms: new Map(),
    targets: new Map(),
  };
}
