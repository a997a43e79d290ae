import type { IdTable } from '../event/ids.ts';
import { createEventReader } from '../event/read.ts';
import type { RecordView } from '../event/record.ts';
import { textOf, valueStart } from '../event/record.ts';
import { SLOT } from '../event/slots.ts';
import { createZone } from '../event/zone.ts';
import type { EventMapping, FieldOp, FillName, Mapping } from '../mapping/model.ts';
import { RULE_TARGETS } from '../mapping/vocabulary.ts';
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
  /** As 1.0 has it. */
  readonly contact: string | undefined;
  readonly body: RecordView;
  /** The 1.0 event that it came from, if that is known; one that 1.0 never sent needs none. */
  readonly source: RecordView | undefined;
}

/** A 2.0 event as it is written now: JSON without a line feed. */
export interface Rewritten {
  readonly type: string;
  readonly body: Uint8Array;
}

/** An event that cannot be written anew. */
export interface NotRewritten {
  /** The reason, for a person. */
  readonly why: string;
}

const QUOTE = 0x22;

/**
 * Writes events anew by a mapping that was corrected. Nothing is decided again: what rule or context had supplied is taken from the event as
 * it was written, so that it needs no context and gives the same whenever it is done.
 */
export function createRewriter(mapping: Mapping, ids: IdTable, timeZone: string): (written: Written) => Rewritten | NotRewritten {
  const zone = createZone(timeZone);
  const reader = createEventReader({ ids, zone, undecidedIsCurrent: mapping.policies.undecidedVersion === 'current' });
  const arena = createArena();
  const tally = createTally();
  const values = createValueWriter(arena, ids, zone, tally);
  const shaper = createShaper(mapping, values);
  const factsOf = (record: RecordView): RenderFacts | undefined => {
    const [kind, time] = [reader.kind(record), reader.time(record)];
    return kind === undefined || typeof time !== 'number' ? undefined : { record, time, type: kind.type };
  };
  const render = (written: Written, facts: RenderFacts, type: string, program: RenderProgram, record?: RecordView): Rewritten => {
    const context: RenderContext = { arena, values, tally, plainContact: isPlain(record ?? written.body), leftOut: undefined };
    // What was written before was copied.
    arena.at = 0;
    renderEvent(context, program, facts, record, (name) => suppliedIn(written, mapping, type, name));
    return { type, body: Uint8Array.from(arena.bytes.subarray(arena.start, arena.at - 1)) };
  };
  return (written) => {
    const { type, kind, body, source } = written;
    if (kind === 'copied') return { type, body: Uint8Array.from(body.block.bytes.subarray(body.start, body.end)) };
    const facts = kind === 'synthesized' ? factsOf(body) : source === undefined ? undefined : factsOf(source);
    if (facts === undefined) return { why: 'the record that it came from is not known any more' };
    if (kind === 'synthesized') return render(written, facts, type, shaper.synthesized(type));
    const event = mapping.events.get(facts.type);
    if (event === undefined) return { why: `the mapping has no event ${facts.type}` };
    const target = kind === 'resolved' && isOfRule(event, type) ? type : event.to;
    if (target === null) return { why: `the mapping drops ${facts.type}` };
    return render(written, facts, target, shaper.plan(facts.record.shape, event, facts.type, target).program, facts.record);
  };
}

/** True for a type that a rule gives, whatever the mapping says; its AgentTalk it leaves to the mapping. */
function isOfRule({ rule }: EventMapping, type: string): boolean {
  return rule !== undefined && type !== 'AgentTalk' && RULE_TARGETS[rule].includes(type);
}

/** What rule or context had supplied, as it was before the mapping put it into its words. */
function suppliedIn({ body, contact }: Written, mapping: Mapping, type: string, name: FillName): string | undefined {
  if (name === 'contactId' && contact !== undefined) return contact;
  for (const [field, rule] of mapping.targets.get(type)?.fills ?? []) {
    const text = rule.name === name ? textOf(body, body.shape.keys.lastIndexOf(field)) : undefined;
    if (text !== undefined) return beforeTable(rule.op, text);
  }
  return undefined;
}

/** A value of which a table makes this text; the text itself if there is none, as for one that another table made. */
function beforeTable(op: FieldOp, text: string): string {
  if (op.op !== 'table') return text;
  for (const [before, made] of op.values) if (made === text) return before;
  return text;
}

/** The contact's id is a JSON number. */
function isPlain(record: RecordView): boolean {
  const field = record.shape.slots[SLOT.contactId] as number;
  return field >= 0 && record.block.bytes[valueStart(record, field)] !== QUOTE;
}
