import { observe } from '../context/observe.ts';
import type { CallContext } from '../context/call.ts';
import { takesPart, findPart } from '../context/call.ts';
import type { EventFacts } from '../event/facts.ts';
import type { IdTable } from '../event/ids.ts';
import { createIdTable } from '../event/ids.ts';
import { contentHash } from '../event/identity.ts';
import { readFacts, readTime, readType } from '../event/read.ts';
import type { RecordView } from '../event/record.ts';
import { valueStart } from '../event/record.ts';
import { SLOT } from '../event/slots.ts';
import { createZone } from '../event/time.ts';
import type { Mapping } from '../mapping/model.ts';
import type { Decision, Rule } from '../rules/decision.ts';
import { agentElsewhere } from '../rules/AgentElsewhere.ts';
import { RULES } from '../rules/table.ts';
import type { Books } from './account.ts';
import { createBooks, enterOutput, inputRow } from './account.ts';
import { createArena } from './arena.ts';
import { createComposer } from './compose.ts';
import type { CallEntry, ContextStore } from './contexts.ts';
import { createContexts } from './contexts.ts';
import { createAgentMemory, seenInCall } from './dedupe.ts';
import { unknownIdOf } from './id-check.ts';
import { createOrderBuffer } from './order.ts';
import type { Account, Outcome, Reason } from './outcome.ts';
import type { RenderContext } from './render.ts';
import type { Pending, Slot } from './slot.ts';
import { createOutputQueue, finish } from './slot.ts';
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
const RENAME: Decision = {};

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
  const reading = { ids, zone, undecidedIsCurrent: mapping.policies.undecidedVersion === 'current' };
  const arena = createArena();
  const values = createValueWriter(arena, ids, zone, tally);
  const render: RenderContext = { arena, values, tally, plainContact: false, leftOut: undefined };
  const composer = createComposer(mapping, ids, render);
  const order = createOrderBuffer({ lateness: live ? 0 : waits.lateness, maxJump: options.maxJump ?? HOUR });
  const contexts = createContexts({ store: options.store, hot: options.hotCalls ?? 20_000, idle: waits.idle, retention: waits.retention });
  const memory = createAgentMemory(waits.retention);
  const queue = createOutputQueue(options.order ?? 'time');
  const engaged = new Map<string, Set<string>>();
  let pendings: Pending[] = [];
  let pendingHead = 0;
  let seq = 0;
  let ringsAreSent = false;
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  let out: Outcome[] = [];

  // ---- what becomes of one event -------------------------------------------------------------------------------------------

  const end = (account: Account, type: string, record: RecordView, reason: Reason | undefined, message?: string): Outcome => ({
    account,
    type,
    reason,
    message,
    record,
    outputs: [],
    leftOut: undefined,
  });

  const emit = (outcome: Outcome): void => {
    inputRow(books, outcome.type)[outcome.account] += 1;
    for (const output of outcome.outputs) enterOutput(books, output);
    out.push(outcome);
  };

  const decide = (entry: CallEntry, facts: EventFacts, elsewhere: boolean, ahead: readonly EventFacts[], expired: boolean): Decision | undefined => {
    const rule = elsewhere ? agentElsewhere : ruleOf(facts);
    return rule === undefined ? RENAME : rule({ call: entry.call, facts, ahead, expired, ids, ringsAreSent });
  };

  const ruleOf = (facts: EventFacts): Rule | undefined => {
    const name = facts.current ? undefined : mapping.events.get(facts.type)?.rule;
    return name === undefined ? undefined : RULES[name];
  };

  const settle = (entry: CallEntry | undefined, facts: EventFacts, decision: Decision, elsewhere: boolean, slot: Slot): void => {
    const call: CallContext | undefined = entry?.call;
    const ended = call?.ended === true;
    if (options.listLeftOut === true) render.leftOut = [];
    const outputs = composer.compose(call, facts, decision, !elsewhere);
    if (elsewhere) {
      if (outputs.length > 0) slot.ahead.push({ contact: call?.contact ?? '', outputs });
    } else {
      const kept = outputs.some((output) => output.kind !== 'synthesized');
      slot.outcome = {
        account: kept ? 'translated' : 'dropped',
        type: facts.type,
        reason: kept ? undefined : 'dropped-by-mapping',
        message: undefined,
        record: facts.record,
        outputs,
        leftOut: render.leftOut,
      };
    }
    slot.open -= 1;
    if (entry !== undefined) contexts.settle(entry, ended);
  };

  const pump = (entry: CallEntry, now: number): void => {
    while (entry.queue.length > 0) {
      const head = entry.queue[0] as Pending;
      const ahead = entry.queue.length > 1 ? entry.queue.slice(1).flatMap((each) => (each.elsewhere ? [] : [each.facts])) : NO_EVENTS;
      const decision = decide(entry, head.facts, head.elsewhere, ahead, head.deadline < now);
      if (decision === undefined) return;
      entry.queue.shift();
      head.decided = true;
      settle(entry, head.facts, decision, head.elsewhere, head.slot);
    }
  };

  const wait = (entry: CallEntry, facts: EventFacts, elsewhere: boolean, slot: Slot, deadline: number): void => {
    const pending: Pending = { facts, elsewhere, deadline, slot, contact: entry.key, decided: false };
    entry.queue.push(pending);
    pendings.push(pending);
  };

  /** The agent of an event is elsewhere now: older calls where the agent still seems to be learn of it. */
  const tellElsewhere = (facts: EventFacts, slot: Slot, deadline: number, now: number): void => {
    const calls = facts.agent === undefined ? undefined : engaged.get(facts.agent);
    if (calls === undefined || facts.agent === undefined) return;
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

  const isElsewhere = (facts: EventFacts): boolean => {
    if (facts.failed) return false;
    const { action } = facts;
    if (action === 'AgentAway' || action === 'AgentRinging' || action === 'AgentTalk' || action === 'AgentDialing') return true;
    return action === 'Dialing' || (action === 'AgentACW' && facts.contact === undefined);
  };

  const engage = (facts: EventFacts): void => {
    const { action, agent, contact } = facts;
    if (agent === undefined || contact === undefined || facts.failed) return;
    if (action !== 'AgentRinging' && action !== 'AgentTalk' && action !== 'Dialing' && action !== 'Established' && action !== 'AgentDialing') return;
    const calls = engaged.get(agent);
    if (calls === undefined) engaged.set(agent, new Set([contact]));
    else calls.add(contact);
  };

  const process = (facts: EventFacts, late: boolean, now: number): void => {
    const slot: Slot = { facts, open: 1, ahead: [], outcome: undefined };
    const deadline = late ? Number.NEGATIVE_INFINITY : now + waits.hold;
    if (!late) queue.add(slot);
    if (facts.failed && !facts.current) {
      slot.outcome = end('setAside', facts.type, facts.record, 'failed-operation');
      slot.open = 0;
    } else if (facts.contact === undefined) {
      if (isElsewhere(facts)) tellElsewhere(facts, slot, deadline, now);
      settle(undefined, facts, RENAME, false, slot);
    } else {
      const entry = contexts.get(facts.contact, facts.time, order.clock());
      entry.pins += 1;
      processInCall(entry, facts, slot, late, deadline, now);
      entry.pins -= 1;
    }
    if (late) emit(finish(slot));
  };

  const processInCall = (entry: CallEntry, facts: EventFacts, slot: Slot, late: boolean, deadline: number, now: number): void => {
    entry.dirty = true;
    observe(entry.call, facts);
    if (facts.agent !== undefined && (facts.action === 'Ringing' || facts.action === 'AssignAgent')) ringsAreSent = true;
    engage(facts);
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

  /** Decides what has waited long enough. */
  const expire = (now: number): void => {
    while (pendingHead < pendings.length) {
      const pending = pendings[pendingHead] as Pending;
      if (!pending.decided) {
        if (pending.deadline >= now) break;
        const entry = contexts.peek(pending.contact, order.clock());
        if (entry !== undefined) pump(entry, now);
        if (!pending.decided) break;
      }
      pendingHead += 1;
    }
    if (pendingHead > 1024 && pendingHead * 2 > pendings.length) {
      pendings = pendings.slice(pendingHead);
      pendingHead = 0;
    }
  };

  const step = (facts: EventFacts, now: number): void => {
    expire(now);
    process(facts, false, now);
    queue.flush(emit);
  };

  // ---- arrival -------------------------------------------------------------------------------------------------------------

  const isDuplicate = (facts: EventFacts): boolean => {
    const identity = contentHash(facts.record);
    const clock = order.clock();
    if (facts.contact === undefined) return memory.seen(facts.agent ?? '', identity, facts.time, clock);
    const entry = contexts.get(facts.contact, facts.time, clock);
    entry.dirty = true;
    if (entry.call.seen.length === 0) entry.call.numeric = isNumberInSource(facts.record);
    return seenInCall(entry, identity);
  };

  const arrive = (record: RecordView): EventFacts | Outcome => {
    const type = readType(record);
    inputRow(books, type ?? '').in += 1;
    if (type === undefined) return end('deadLetters', '', record, 'no-type', 'the event has no eventType');
    const time = readTime(record, zone);
    if (typeof time === 'string') {
      return end('deadLetters', type, record, time, time === 'no-time' ? 'the event has no eventTime' : 'eventTime is not a time that is understood');
    }
    const facts = readFacts(record, seq++, type, time, reading);
    if (!facts.current && !mapping.events.has(type)) {
      tally.note('unknownType', type, record);
      if (mapping.policies.unknownType === 'dead-letter') {
        return end('deadLetters', type, record, 'unknown-type', `mapping ${mapping.name} has no event ${JSON.stringify(type)}`);
      }
    }
    const unknownId = mapping.policies.unknownId === 'keep' || facts.current ? undefined : unknownIdOf(mapping, ids, record, type);
    if (unknownId !== undefined) return end('deadLetters', type, record, 'unknown-id', `the id table has no ${unknownId}`);
    if (time < from) from = time;
    if (time > to) to = time;
    return isDuplicate(facts) ? end('duplicates', type, record, 'duplicate') : facts;
  };

  const take = (): readonly Outcome[] => {
    if (out.length === 0) return NONE;
    const taken = out;
    out = [];
    return taken;
  };

  return {
    push(record, now) {
      const arrived = arrive(record);
      if ('account' in arrived) emit(arrived);
      else if (live) step(arrived, now ?? arrived.time);
      else if (order.isLate(arrived.time)) {
        books.late += 1;
        process(arrived, true, order.clock() - waits.lateness);
        queue.flush(emit);
      } else {
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
    span: () => (from <= to ? { from, to } : undefined),
    clock: () => order.clock(),
  };
}

function isNumberInSource(record: RecordView): boolean {
  const field = record.shape.slots[SLOT.contactId] as number;
  return field >= 0 && record.block.bytes[valueStart(record, field)] !== 0x22;
}
