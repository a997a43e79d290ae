import type { IdTable } from '../event/ids.ts';
import { createEventReader } from '../event/read.ts';
import type { RecordView } from '../event/record.ts';
import { textOf, valueStart } from '../event/record.ts';
import { SLOT } from '../event/slots.ts';
import { createZone } from '../event/zone.ts';
import type { FillName, Mapping } from '../mapping/model.ts';
import { createArena } from './arena.ts';
import type { OutputKind } from './label.ts';
import type { RenderProgram } from './program.ts';
import type { RenderContext, RenderFacts } from './render.ts';
import { renderEvent } from './render.ts';
import { createShaper } from './shaper.ts';
import { createTally } from './tally.ts';
import { createValueWriter } from './value.ts';

/** A 2.0 event as it was written before, and what it came from. */
export interface Written {
  readonly type: string;
  readonly kind: OutputKind;
  readonly body: RecordView;
  /** The 1.0 event that it came from, or that is its evidence. */
  readonly source: RecordView;
}

/** A 2.0 event as it is written now: JSON without a line feed. */
export interface Rewritten {
  readonly type: string;
  readonly body: Uint8Array;
}

const QUOTE = 0x22;

/**
 * Writes events anew by a mapping that was corrected. Nothing is decided again: what rule or context had supplied is taken from the event as
 * it was written, so that it needs no context and gives the same whenever it is done. Undefined: the mapping does not have the event any more.
 */
export function createRewriter(mapping: Mapping, ids: IdTable, timeZone: string): (written: Written) => Rewritten | undefined {
  const zone = createZone(timeZone);
  const reader = createEventReader({ ids, zone, undecidedIsCurrent: mapping.policies.undecidedVersion === 'current' });
  return ({ type, kind, body, source }) => {
    const facts = factsOf(reader, source);
    if (facts === undefined) return undefined;
    const arena = createArena();
    const tally = createTally();
    const values = createValueWriter(arena, ids, zone, tally);
    const shaper = createShaper(mapping, values);
    const fill = (name: FillName): string | undefined => textOf(body, body.shape.keys.lastIndexOf(name));
    const render = (target: string, program: RenderProgram, record: RecordView | undefined): Rewritten => {
      const context: RenderContext = { arena, values, tally, plainContact: isPlain(record ?? body), leftOut: undefined };
      renderEvent(context, program, facts, record, fill);
      return { type: target, body: new Uint8Array(arena.bytes.subarray(arena.start, arena.at - 1)) };
    };
    if (kind === 'copied') return { type, body: new Uint8Array(body.block.bytes.subarray(body.start, body.end)) };
    if (kind === 'synthesized') return render(type, shaper.synthesized(type), undefined);
    const event = mapping.events.get(facts.type);
    const target = kind === 'resolved' ? type : event?.to;
    if (event === undefined || target === undefined || target === null) return undefined;
    return render(target, shaper.plan(source.shape, event, facts.type, target).program, source);
  };
}

function factsOf(reader: ReturnType<typeof createEventReader>, record: RecordView): RenderFacts | undefined {
  const [kind, time] = [reader.kind(record), reader.time(record)];
  return kind === undefined || typeof time !== 'number' ? undefined : { record, time, type: kind.type };
}

/** The contact's id is a JSON number. */
function isPlain(record: RecordView): boolean {
  const field = record.shape.slots[SLOT.contactId] as number;
  return field >= 0 && record.block.bytes[valueStart(record, field)] !== QUOTE;
}
