import type { IdTable } from '../event/ids.ts';
import type { RecordView } from '../event/record.ts';
import type { ShapeTree } from '../event/shape.ts';
import type { Mapping } from '../mapping/model.ts';
import { isBad, readBuffer } from '../parse/reader.ts';
import type { Outbox, StoredLetter } from '../store/outbox.ts';
import type { Profile } from '../translate/forms.ts';
import type { OutputKind } from '../translate/label.ts';
import { OUTPUT_KINDS } from '../translate/label.ts';
import type { Rewritten } from '../translate/rewrite.ts';
import { createRewriter } from '../translate/rewrite.ts';

/** By what letters are written anew. */
export interface RewriteOptions {
  readonly mapping: Mapping;
  readonly profiles: readonly Profile[];
  readonly ids: IdTable;
  readonly timeZone: string;
  readonly maxLine: number;
  readonly dupKeys: 'refuse' | 'last';
}

/** Writes events that an endpoint refused anew, by the mapping in which that endpoint gets them; undefined for a letter of which too little is known. */
export function createLetterRewriter(
  { mapping, profiles, ids, timeZone, maxLine, dupKeys }: RewriteOptions,
  shapes: ShapeTree,
  outbox: Outbox,
): (letter: StoredLetter) => Rewritten | undefined {
  const read = (bytes: Uint8Array): RecordView | undefined => {
    const [item] = readBuffer(bytes, { source: 0, maxLine, dupKeys, format: 'concatenated', shapes }).items;
    return item === undefined || isBad(item) ? undefined : item;
  };
  return ({ endpoint, type, kind, body: written, source: record }) => {
    if (type === undefined || record === undefined || !isKind(kind)) return undefined;
    const profile = outbox.endpoints().find(({ name }) => name === endpoint)?.takes.profile;
    const own = profiles.find(({ name }) => name === profile)?.mapping ?? mapping;
    const [body, source] = [read(written), read(record)];
    return body === undefined || source === undefined ? undefined : createRewriter(own, ids, timeZone)({ type, kind, body, source });
  };
}

function isKind(kind: string | undefined): kind is OutputKind {
  return (OUTPUT_KINDS as readonly (string | undefined)[]).includes(kind);
}
