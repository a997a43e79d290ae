import type { EventFacts } from '../event/facts.ts';
import type { IdTable } from '../event/ids.ts';
import type { RecordView } from '../event/record.ts';
import type { ZoneOffset } from '../event/zone.ts';
import type { Mapping } from '../mapping/model.ts';
import type { Decision } from '../rules/decision.ts';
import type { Arena } from './arena.ts';
import type { Form, Output } from './outcome.ts';
import type { RenderProgram } from './program.ts';
import type { Filler, RenderContext } from './render.ts';
import { renderEvent } from './render.ts';
import type { Shaper } from './shaper.ts';
import { createShaper } from './shaper.ts';
import { createTally } from './tally.ts';
import { createValueWriter } from './value.ts';

/** A mapping in which outputs are written once more, see `mapping/profile.ts`. */
export interface Profile {
  readonly name: string;
  readonly mapping: Mapping;
}

/** Writes outputs in the forms of other mappings: the last step, which decides nothing. */
export interface Forms {
  /** Of the output of an event's own; `fill` as for the output itself. */
  own(output: Output, facts: EventFacts, decision: Decision, plainContact: boolean, fill: Filler): void;
  /** Of one that was synthesized. */
  synthesized(output: Output, facts: EventFacts, plainContact: boolean, fill: Filler): void;
}

interface Writer {
  readonly profile: Profile;
  readonly render: RenderContext;
  readonly shaper: Shaper;
}

/** Nothing that is counted on the way is entered anywhere: the books have each event once. */
export function createForms(profiles: readonly Profile[], arena: Arena, ids: IdTable, zone: ZoneOffset): Forms {
  const writers = profiles.map((profile): Writer => {
    const tally = createTally();
    const values = createValueWriter(arena, ids, zone, tally);
    const render: RenderContext = { arena, values, tally, plainContact: false, leftOut: undefined };
    return { profile, render, shaper: createShaper(profile.mapping, values) };
  });
  const write = (
    { profile, render }: Writer,
    output: Output,
    type: string,
    program: RenderProgram,
    [facts, record, fill]: [EventFacts, RecordView | undefined, Filler],
  ): Form | undefined => {
    renderEvent(render, program, facts, record, fill);
    // The line feed stays behind, and the memory is free again.
    const body = new Uint8Array(arena.bytes.subarray(arena.start, arena.at - 1));
    arena.at = arena.start;
    const isSame = type === output.type && Buffer.compare(body, output.bytes.subarray(output.start, output.end - 1)) === 0;
    return isSame ? undefined : { profile: profile.name, type, body };
  };
  const add = (output: Output, form: Form | undefined): void => {
    if (form !== undefined) output.forms = [...output.forms, form];
  };
  return {
    own(output, facts, decision, plainContact, fill) {
      for (const writer of writers) {
        const event = writer.profile.mapping.events.get(facts.type);
        const target = decision.resolved && decision.type !== undefined ? decision.type : event?.to;
        if (event === undefined || target === undefined || target === null) continue;
        writer.render.plainContact = plainContact;
        const { program } = writer.shaper.plan(facts.record.shape, event, facts.type, target);
        add(output, write(writer, output, target, program, [facts, facts.record, fill]));
      }
    },
    synthesized(output, facts, plainContact, fill) {
      for (const writer of writers) {
        writer.render.plainContact = plainContact;
        add(output, write(writer, output, output.type, writer.shaper.synthesized(output.type), [facts, undefined, fill]));
      }
    },
  };
}
