import type { IdTable } from '../event/ids.ts';
import type { RecordView } from '../event/record.ts';
import type { ShapeTree } from '../event/shape.ts';
import type { Mapping } from '../mapping/model.ts';
import { HARD_MAX_LINE } from '../parse/options.ts';
import { isBad, readBuffer } from '../parse/reader.ts';
import type { Outbox, StoredLetter } from '../store/outbox.ts';
import type { Profile } from '../translate/forms.ts';
import type { OutputKind } from '../translate/label.ts';
import { OUTPUT_KINDS } from '../translate/label.ts';
import type { NotRewritten, Rewritten } from '../translate/rewrite.ts';
import { createRewriter } from '../translate/rewrite.ts';

/** By what letters are written anew. */
export interface RewriteOptions {
  readonly mapping: Mapping;
  readonly profiles: readonly Profile[];
  readonly ids: IdTable;
  readonly timeZone: string;
  readonly dupKeys: 'refuse' | 'last';
}

type Rewriter = ReturnType<typeof createRewriter>;

/** Writes events that an endpoint refused anew, by the mapping in which that endpoint gets them. */
export function createLetterRewriter(
  { mapping, profiles, ids, timeZone, dupKeys }: RewriteOptions,
  shapes: ShapeTree,
  outbox: Outbox,
): (letter: StoredLetter) => Rewritten | NotRewritten {
  /** An event may be longer than its record was allowed to be. */
  const read = (bytes: Uint8Array | undefined): RecordView | undefined => {
    if (bytes === undefined) return undefined;
    const [item] = readBuffer(bytes, { source: 0, maxLine: HARD_MAX_LINE, dupKeys, format: 'concatenated', shapes }).items;
    return item === undefined || isBad(item) ? undefined : item;
  };
  const profileOf = (endpoint: string | undefined): string | undefined =>
    outbox.endpoints().find(({ name }) => name === endpoint)?.takes.profile;
  /** One for each mapping, made when it is needed: letters may be many. */
  const rewriters = new Map<Mapping, Rewriter>();
  const rewriterFor = (endpoint: string | undefined): Rewriter => {
    const profile = profileOf(endpoint);
    const own = profiles.find(({ name }) => name === profile)?.mapping ?? mapping;
    const rewriter = rewriters.get(own) ?? createRewriter(own, ids, timeZone);
    rewriters.set(own, rewriter);
    return rewriter;
  };
  return ({ endpoint, type, kind, contact, body: written, source }) => {
    const body = read(written);
    if (type === undefined || body === undefined || !isKind(kind)) return { why: 'it is not a 2.0 event' };
    return rewriterFor(endpoint)({ type, kind, contact, body, source: read(source) });
  };
}

function isKind(kind: string | undefined): kind is OutputKind {
  return (OUTPUT_KINDS as readonly (string | undefined)[]).includes(kind);
}
