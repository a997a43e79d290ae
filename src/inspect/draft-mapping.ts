import { parseDocument, YAMLSeq } from 'yaml';
import type { Layer } from '../mapping/source.ts';
import type { FieldFound, Inspection, TypeFound } from './inspection.ts';

/** A file of a drafted mapping: its path in the folder, and its text. */
export interface DraftFile {
  readonly path: string;
  readonly text: string;
}

/** Names that a file and a key of YAML can have as they are. Whatever else a log calls a type or a field must be written by hand. */
const PLAIN = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;

/**
 * A mapping over `base` that names what was unknown in a log: unknown types are dropped, unknown fields kept, each with a TODO at the place
 * where that is to be decided. No files if nothing was unknown.
 */
export function draftMapping(found: Inspection, base: string, layers: readonly Layer[]): readonly DraftFile[] {
  const events = found.types.flatMap((type) => {
    if (!PLAIN.test(type.type) || type.current === type.count) return [];
    const text = type.mapped.fate === 'unknown' ? newEvent(type) : withFields(type, layers);
    return text === undefined ? [] : [{ path: `events/${type.type}.yaml`, text }];
  });
  if (events.length === 0) return [];
  const head = [
    '# Drafted by `ccc-upcast inspect --draft-mapping`: what a log holds and its mapping does not know. Look at each TODO.',
    'name: draft',
    'version: "0"',
    `extends: ${JSON.stringify(base)}`,
  ];
  return [{ path: 'mapping.yaml', text: `${head.join('\n')}\n` }, ...events];
}

function newEvent({ type, count, first, fields }: TypeFound): string {
  const named = fields.filter(({ name }) => name !== 'eventTime' && name !== 'eventType').map(({ name }) => name);
  const lines = [
    `# ${count} of these in the log, the first at ${first}. Not on the vendor's page of 1.0.`,
    `# Its fields: ${named.join(', ') || 'none'}.`,
    `event: ${type}`,
    'own: true',
    '# TODO the 2.0 event that this becomes, with the steps for its fields; null drops it, counted.',
    'to: null',
  ];
  return `${lines.map((line) => line.replaceAll(/[\r\n]/g, ' ')).join('\n')}\n`;
}

/** The event's file as it is, with the fields that no step names; undefined if there are none. */
function withFields({ type, fields }: TypeFound, layers: readonly Layer[]): string | undefined {
  const unknown = fields.filter(({ name, mapped }) => mapped.fate === 'unknown' && PLAIN.test(name));
  const text = textOf(`/events/${type}.yaml`, layers);
  if (unknown.length === 0 || text === undefined) return undefined;
  const document = parseDocument(text);
  for (const field of unknown) {
    addTo(document, 'extra', field.name);
    const step = document.createNode({ copy: [field.name] }, { flow: false });
    step.commentBefore = ` TODO ${told(field)}: keep it under this name, rename or drop it.`;
    addTo(document, 'steps', step);
  }
  return document.toString({ lineWidth: 140, flowCollectionPadding: false });
}

function told({ name, filled, shapes, first }: FieldFound): string {
  const looks = shapes.map(([shape]) => shape).join(', ');
  return `${name} says something in ${filled} events${looks === '' ? '' : ` (${looks})`}, the first at ${first}`;
}

function addTo(document: ReturnType<typeof parseDocument>, key: string, item: unknown): void {
  if (!document.has(key)) document.set(key, new YAMLSeq());
  document.addIn([key], item);
}

/** A file of a mapping; a layer further up replaces those below. */
function textOf(end: string, layers: readonly Layer[]): string | undefined {
  for (const layer of [...layers].reverse()) for (const [path, text] of layer) if (path.endsWith(end)) return text;
  return undefined;
}
