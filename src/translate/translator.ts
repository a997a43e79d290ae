import { findPart, takesPart } from '../context/call.ts';
import { observe } from '../context/observe.ts';
import type { EventFacts } from '../event/facts.ts';
import type { IdTable } from '../event/ids.ts';
import { createIdTable } from '../event/ids.ts';
import type { RecordView } from '../event/record.ts';
import { createZone } from '../event/time.ts';
import type { Mapping } from '../mapping/model.ts';
import { agentElsewhere } from '../rules/AgentElsewhere.ts';
import type { Decision } from '../rules/decision.ts';
import { AS_MAPPED } from '../rules/decision.ts';
import type { Books } from './account.ts';
import { createBooks, enterOutput, inputRow } from './account.ts';
import { createArena } from './arena.ts';
import { createArrival, endOf } from './arrival.ts';
import { createComposer } from './compose.ts';
import type { CallEntry, ContextStore } from './contexts.ts';
import { createContexts } from './contexts.ts';
import { createAgentMemory } from './dedupe.ts';
import { createEngaged, isElsewhere } from './engaged.ts';
import { createKindMappings } from './kinds.ts';
import { createOrderBuffer } from './order.ts';
import type { Outcome, Output } from './outcome.ts';
import type { RenderContext } from './render.ts';
import type { Pending, Slot } from './slot.ts';
import { createOutputQueue, createWaiting, finish } from './slot.ts';
import type { Tally } from './tally.ts';
import { createTally } from './tally.ts';
import { createValueWriter } from './value.ts';

/** Settings of a translator; those left out come from the mapping or the documented defaults. Times in milliseconds. */
export interface TranslatorOptions {
  readonly mapping: Mapping;
  readonly ids?: IdTable | undefined;
  /** Zone of times that name none; default Asia/Shanghai. */
  readonly timeZone?: string | undefined;
  readonly lateness?: number | undefined;
  readonly hold?: number | undefined;
  readonly idle?: number | undefined;
  readonly retention?: number | undefined;
  /** Default one hour. */
  readonly maxJump?: number | undefined;
  /** `time` (files): output in event-time order, waits in event time. `arrival` (live): arrival order, waits by the times given to `push` and `advance`. */
  readonly order?: 'time' | 'arrival' | undefined;
  /** Where calls rest that are not hot; without one they stay in memory until they expire. */
  readonly store?: ContextStore | undefined;
  /** Calls kept in memory; default 20,000. */
  readonly hotCalls?: number | undefined;
  /** Outcomes name the fields that were left out; default no (they are counted in any case). */
  readonly listLeftOut?: boolean | undefined;
}

/**
 * Translates 1.0 events to 2.0, one at a time. It never waits, reads or writes: the same records in the same order give the same
 * outcomes, in whatever portions they come.
 */
export interface Translator {
  /** Takes the next record; returns what is decided by now, in output order. `now`: arrival time, only for order `arrival`. */
  push(record: RecordView, now?: number): readonly Outcome[];
  /** Tells that time has passed (order `arrival`): waits that ended are decided. */
  advance(now: number): readonly Outcome[];
  /** The end of the input: decides all that still waits. */
  finish(): readonly Outcome[];
  readonly books: Books;
  readonly tally: Tally;
  /** Calls that began and have not ended. */
  unfinished(): number;
  /** Writes the hot calls to the store. */
  flush(): void;
  /** Earliest and latest event time seen, Unix milliseconds. */
  span(): { readonly from: number; readonly to: number } | undefined;
  /** Highest believed event time. */
  clock(): number;
}

const HOUR = 3_600_000;
const NONE: readonly Outcome[] = [];
const NO_EVENTS: readonly EventFacts[] = [];

/** A translator at its beginning. */
export function createTranslator(options: TranslatorOptions): Translator {
  const { mapping } = options;
  const waits = { ...mapping.waits };
  for (const name of ['lateness', 'hold', 'idle', 'retention'] as const) waits[name] = options[name] ?? waits[name];
  const ids = options.ids ?? createIdTable([]);
  const zone = createZone(options.timeZone ?? 'Asia/Shanghai');
  const live = options.order === 'arrival';
  const tally = createTally();
  const books = createBooks();
  const arena = createArena();
  const render: RenderContext = {
    arena,
    values: createValueWriter(arena, ids, zone, tally),
    tally,
    plainContact: false,
    leftOut: undefined,
  };
  const composer = createComposer(mapping, ids, render);
  const mappingOf = createKindMappings(mapping);
  const order = createOrderBuffer({ lateness: live ? 0 : waits.lateness, maxJump: options.maxJump ?? HOUR });
  const contexts = createContexts({ store: options.store, hot: options.hotCalls ?? 20_000, idle: waits.idle, retention: waits.retention });
  const memory = createAgentMemory(waits.retention);
  const arrival = createArrival({ mapping, ids, zone, books, tally, contexts, memory, mappingOf, clock: order.clock });
  const queue = createOutputQueue(options.order ?? 'time');
  const engaged = createEngaged();
  const waiting = createWaiting();
  let ringsAreSent = false;
  let inputIsMixed = false;
  let out: Outcome[] = [];

  const emit = (outcome: Outcome): void => {
    inputRow(books, outcome.type)[outcome.account] += 1;
    for (const output of outcome.outputs) enterOutput(books, output);
    out.push(outcome);
  };

  const decide = (
    entry: CallEntry,
    facts: EventFacts,
    elsewhere: boolean,
    ahead: readonly EventFacts[],
    expired: boolean,
  ): Decision | undefined => {
    const rule = elsewhere ? agentElsewhere : facts.current ? undefined : mappingOf(facts.kind).rule;
    return rule === undefined ? AS_MAPPED : rule({ call: entry.call, facts, ahead, expired, ids, ringsAreSent, inputIsMixed });
  };

  const settle = (entry: CallEntry | undefined, facts: EventFacts, decision: Decision, elsewhere: boolean, slot: Slot): void => {
    const ended = entry?.call.ended === true;
    if (options.listLeftOut === true) render.leftOut = [];
    const event = facts.current ? undefined : mappingOf(facts.kind).event;
    const outputs = composer.compose(entry?.call, facts, decision, event, !elsewhere);
    if (!elsewhere) slot.outcome = outcomeOf(facts, outputs, render.leftOut);
    else if (outputs.length > 0) slot.ahead.push({ contact: entry?.call.contact ?? '', outputs });
    slot.open -= 1;
    if (entry !== undefined) contexts.settle(entry, ended);
  };

  const pump = (entry: CallEntry, now: number): void => {
    while (entry.queue.length > 0) {
      const head = entry.queue[0] as Pending;
      const decision = decide(entry, head.facts, head.elsewhere, eventsBehind(entry), head.deadline < now);
      if (decision === undefined) return;
      entry.queue.shift();
      head.decided = true;
      settle(entry, head.facts, decision, head.elsewhere, head.slot);
    }
  };

  const wait = (entry: CallEntry, facts: EventFacts, elsewhere: boolean, slot: Slot, deadline: number): void => {
    const pending: Pending = { facts, elsewhere, deadline, slot, contact: entry.key, decided: false };
    entry.queue.push(pending);
    waiting.add(pending);
  };

  /** The agent of an event is elsewhere now: older calls where the agent still seems to be learn of it. */
  const tellElsewhere = (facts: EventFacts, slot: Slot, deadline: number, now: number): void => {
    const calls = facts.agent === undefined ? undefined : engaged.of(facts.agent);
    if (calls === undefined) return;
    for (const contact of calls) {
      if (contact === facts.contact) continue;
      const entry = contexts.peek(contact, order.clock());
      const part = entry === undefined ? undefined : findPart(entry.call, facts.agent);
      const isOver = part === undefined || (entry?.queue.length === 0 && part.state === 'out');
      if (entry === undefined || isOver || facts.time - entry.call.last > waits.idle) {
        calls.delete(contact);
        continue;
      }
      if (entry.queue.length === 0 && !takesPart(part)) continue;
      slot.open += 1;
      wait(entry, facts, true, slot, deadline);
      pump(entry, now);
    }
  };

  const processInCall = (entry: CallEntry, facts: EventFacts, slot: Slot, late: boolean, deadline: number, now: number): void => {
    entry.dirty = true;
    observe(entry.call, facts);
    if (facts.agent !== undefined && (facts.action === 'Ringing' || facts.action === 'AssignAgent')) ringsAreSent = true;
    engaged.note(facts);
    if (isElsewhere(facts)) tellElsewhere(facts, slot, deadline, now);
    if (late || entry.queue.length === 0) {
      const decision = decide(entry, facts, false, NO_EVENTS, late);
      if (decision !== undefined) {
        settle(entry, facts, decision, false, slot);
        if (late) pump(entry, now);
        return;
      }
    }
    wait(entry, facts, false, slot, deadline);
    if (entry.queue.length > 1) pump(entry, now);
  };

  const process = (facts: EventFacts, late: boolean, now: number): void => {
    const slot: Slot = { facts, open: 1, ahead: [], outcome: undefined };
    const deadline = late ? Number.NEGATIVE_INFINITY : now + waits.hold;
    if (facts.failed && !facts.current) {
      slot.outcome = endOf('setAside', facts.type, facts.record, 'failed-operation');
      slot.open = 0;
    } else if (facts.contact === undefined) {
      if (isElsewhere(facts)) tellElsewhere(facts, slot, deadline, now);
      settle(undefined, facts, AS_MAPPED, false, slot);
    } else {
      const entry = contexts.get(facts.contact, facts.time, order.clock());
      entry.pins += 1;
      processInCall(entry, facts, slot, late, deadline, now);
      entry.pins -= 1;
    }
    if (late || (slot.open === 0 && queue.size === 0)) emit(finish(slot));
    else queue.add(slot);
  };

  /** Decides what has waited long enough. */
  const expire = (now: number): void => {
    for (let next = waiting.first(); next !== undefined && next.deadline < now; next = waiting.first()) {
      const entry = contexts.peek(next.contact, order.clock());
      if (entry !== undefined) pump(entry, now);
      if (!next.decided) return;
    }
  };

  const step = (facts: EventFacts, now: number): void => {
    expire(now);
    if (queue.size > 0) queue.flush(emit);
    process(facts, false, now);
    if (queue.size > 0) queue.flush(emit);
  };

  const take = (): readonly Outcome[] => {
    if (out.length === 0) return NONE;
    const taken = out;
    out = [];
    return taken;
  };

  return {
    push(record, now) {
      const arrived = arrival.take(record);
      if ('account' in arrived) emit(arrived);
      else if (live) step(arrived, now ?? arrived.time);
      else if (order.isLate(arrived.time)) {
        books.late += 1;
        // It shows that the clock is not behind: jumps ahead of it are still unconfirmed.
        if (arrived.time <= order.clock()) order.tick(arrived.time);
        process(arrived, true, order.clock() - waits.lateness);
        queue.flush(emit);
      } else {
        // Live, only the call itself tells: a wait for every release of a shim would be too much for so rare a case.
        if (arrived.current && (arrived.action === 'AgentRelease' || arrived.action === 'StopConsultant')) inputIsMixed = true;
        order.add(arrived);
        order.tick(arrived.time);
        for (let next = order.next(); next !== undefined; next = order.next()) step(next, next.time);
      }
      return take();
    },
    advance(now) {
      expire(now);
      queue.flush(emit);
      return take();
    },
    finish() {
      for (let next = order.drain(); next !== undefined; next = order.drain()) step(next, next.time);
      expire(Number.POSITIVE_INFINITY);
      queue.flush(emit);
      return take();
    },
    books,
    tally,
    unfinished: () => contexts.unfinished(),
    flush: () => contexts.flush(),
    span: arrival.span,
    clock: order.clock,
  };
}

/** The events of a call that wait behind its first undecided one: where its evidence may be. */
function eventsBehind(entry: CallEntry): readonly EventFacts[] {
  const { queue } = entry;
  if (queue.length === 1) return NO_EVENTS;
  const events: EventFacts[] = [];
  for (let at = 1; at < queue.length; at += 1) {
    const pending = queue[at] as Pending;
    if (!pending.elsewhere) events.push(pending.facts);
  }
  return events;
}

function outcomeOf(facts: EventFacts, outputs: readonly Output[], leftOut: readonly number[] | undefined): Outcome {
  const isTranslated = outputs.some((output) => output.kind !== 'synthesized');
  return {
    account: isTranslated ? 'translated' : 'dropped',
    type: facts.type,
    reason: isTranslated ? undefined : 'dropped-by-mapping',
    message: undefined,
    record: facts.record,
    outputs,
    leftOut,
  };
}
