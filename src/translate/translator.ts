import { findPart, takesPart } from '../context/call.ts';
import { observe } from '../context/observe.ts';
import { createIdTable } from '../event/ids.ts';
import { releaseRecord, slotTextOnce } from '../event/record.ts';
import { SLOT } from '../event/slots.ts';
import { createZone } from '../event/time.ts';
import type { Decision } from '../rules/decision.ts';
import { AS_MAPPED } from '../rules/decision.ts';
import { createBooks, enterEnd, enterOutput } from './account.ts';
import type { Translator, TranslatorOptions } from './api.ts';
import { createArena } from './arena.ts';
import { assigns, createArrival } from './arrival.ts';
import { createComposer } from './compose.ts';
import { createContexts } from './contexts.ts';
import { createDecider } from './decide.ts';
import { createAgentMemory } from './dedupe.ts';
import { createEngaged, showsElsewhere } from './engaged.ts';
import type { CallEntry, Pending } from './entry.ts';
import { eventsBehind, eventsIn, finish, NO_EVENTS, Slot } from './entry.ts';
import type { ArrivedEvent } from './event-ring.ts';
import { NO_RECORD } from './event-ring.ts';
import { createForms } from './forms.ts';
import { createKindMappings } from './kinds.ts';
import { createOrderBuffer } from './order.ts';
import type { Outcome } from './outcome.ts';
import { hasTranslation } from './outcome.ts';
import { createOutputQueue, createWaiting } from './output-queue.ts';
import type { RenderContext } from './render.ts';
import type { SnapshotParts } from './snapshot.ts';
import { restoreTranslator, saveTranslator } from './snapshot.ts';
import { createSurvey } from './survey.ts';
import { createTally } from './tally.ts';
import { createTurns } from './turns.ts';
import { createValueWriter } from './value.ts';

const HOUR = 3_600_000;
const NONE: readonly Outcome[] = [];

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
  const { profiles = [] } = options;
  const forms = profiles.length === 0 ? undefined : createForms(profiles, arena, ids, zone);
  const composer = createComposer(mapping, ids, render, books, forms);
  const mappingOf = createKindMappings(mapping);
  const order = createOrderBuffer({ lateness: live ? 0 : waits.lateness, maxJump: options.maxJump ?? HOUR });
  const contexts = createContexts({ store: options.store, hot: options.hotCalls ?? 6_000, idle: waits.idle, retention: waits.retention });
  const memory = createAgentMemory(waits.retention, options.resumable === true);
  const arrival = createArrival({
    mapping,
    ids,
    zone,
    books,
    tally,
    contexts,
    memory,
    mappingOf,
    clock: order.clock,
    isHome: options.isHome,
    ringsAreSent: () => flags.ringsAreSent,
  });
  const queue = createOutputQueue(options.order ?? 'time');
  const engaged = createEngaged();
  const waiting = createWaiting();
  const flags = { ringsAreSent: false, inputIsMixed: false };
  const turns = createTurns(queue);
  const survey = createSurvey();
  const parts: SnapshotParts = { arrival, order, queue, waiting, contexts, engaged, books, tally, survey, turns, arena, flags };
  let out: Outcome[] = [];
  /** The event whose turn it is; undefined while time alone decides. */
  let cause: ArrivedEvent | undefined;

  const emit = (slot: Slot): void => {
    if (slot.home) enterEnd(slot.row, slot.account);
    for (const output of slot.outputs) enterOutput(output.label, output.waited);
    survey.take(slot);
    out.push(slot);
  };

  const decide = createDecider(mappingOf, ids, flags);

  const settle = (entry: CallEntry | undefined, slot: Slot, decision: Decision, elsewhere: boolean): void => {
    const ended = entry?.call.ended === true;
    options.watcher?.deciding(entry?.call, slot, decision, cause);
    if (options.listLeftOut === true) render.leftOut = [];
    const event = slot.current ? undefined : mappingOf(slot.kind).event;
    const outputs = composer.compose(entry?.call, slot, decision, event, !elsewhere);
    if (!elsewhere) {
      slot.outputs = outputs;
      slot.leftOut = render.leftOut;
      if (hasTranslation(outputs)) slot.account = 'translated';
      else slot.reason = 'dropped-by-mapping';
    } else if (outputs.length > 0) {
      slot.ahead ??= [];
      slot.ahead.push({ contact: entry?.key ?? '', outputs });
    }
    slot.open -= 1;
    options.watcher?.decided(entry?.call);
    if (entry !== undefined) contexts.settle(entry, ended);
  };

  const pump = (entry: CallEntry, now: number): void => {
    while (entry.queue.length > 0) {
      const head = entry.queue[0] as Pending;
      const decision = decide(entry, head.slot, head.elsewhere, eventsBehind(entry), head.deadline < now);
      if (decision === undefined) return;
      entry.queue.shift();
      head.decided = true;
      settle(entry, head.slot, decision, head.elsewhere);
      queue.touch();
    }
  };

  const wait = (entry: CallEntry, slot: Slot, elsewhere: boolean, deadline: number): void => {
    const pending: Pending = { slot, elsewhere, deadline, entry, decided: false };
    entry.queue.push(pending);
    waiting.add(pending);
  };

  /**
   * The agent of an event is elsewhere now: older calls where the agent still seems to be learn of it, also from an event that is sent
   * again: a part of the work that is not home to it could not know that it is.
   */
  const tellElsewhere = (slot: Slot, own: string | undefined, deadline: number, now: number): void => {
    for (const contact of engaged.elsewhere(slot.agent, own)) {
      const entry = contexts.peek(contact, order.clock());
      const part = entry === undefined ? undefined : findPart(entry.call, slot.agent);
      const isOver = part === undefined || (entry?.queue.length === 0 && part.state === 'out');
      if (entry === undefined || isOver || slot.time - entry.call.last > waits.idle) {
        engaged.leave(slot.agent, contact);
        continue;
      }
      if (entry.queue.length === 0 && !takesPart(part)) continue;
      slot.open += 1;
      if (slot.late) {
        // It is written now, whatever waits before it.
        const decision = decide(entry, slot, true, eventsIn(entry), true);
        if (decision !== undefined) settle(entry, slot, decision, true);
      } else wait(entry, slot, true, deadline);
      pump(entry, now);
    }
  };

  const processInCall = (entry: CallEntry, slot: Slot, late: boolean, deadline: number, now: number): void => {
    entry.dirty = true;
    if (entry.call.seen.length === 1) survey.opened(slot.time);
    observe(entry.call, slot);
    if (slot.agent !== undefined && assigns(slot.action)) flags.ringsAreSent = true;
    engaged.note(slot);
    if (showsElsewhere(slot, true)) tellElsewhere(slot, entry.key, deadline, now);
    if (late || entry.queue.length === 0) {
      const decision = decide(entry, slot, false, NO_EVENTS, late);
      if (decision !== undefined) {
        settle(entry, slot, decision, false);
        if (late) pump(entry, now);
        return;
      }
    }
    wait(entry, slot, false, deadline);
    if (entry.queue.length > 1) pump(entry, now);
  };

  /** An event of another part, or a duplicate: only what it shows of its agent matters. */
  const passBy = (slot: Slot, deadline: number, now: number): void => {
    if (slot.failed && !slot.current) return;
    const contact = slotTextOnce(slot.record, SLOT.contactId);
    if (!slot.home && contact !== undefined && slot.agent !== undefined && assigns(slot.action)) flags.ringsAreSent = true;
    if (showsElsewhere(slot, contact !== undefined)) tellElsewhere(slot, contact, deadline, now);
  };

  const process = (event: ArrivedEvent, late: boolean, now: number): void => {
    if (!late) turns.come(event);
    cause = event;
    if (event.record === NO_RECORD) return;
    const deadline = late ? Number.NEGATIVE_INFINITY : now + waits.hold;
    const slot = event.home ? arrival.open(event, late) : arrival.glance(event, late);
    if (slot === undefined) {
      releaseRecord(event.record);
      return;
    }
    if (slot.open === 0) {
      passBy(slot, deadline, now);
      if (!slot.home && slot.open === 0 && slot.ahead === undefined) {
        releaseRecord(event.record);
        return;
      }
    } else {
      if (late) books.late += 1;
      const { entry } = slot;
      if (slot.failed && !slot.current) slot.end('setAside', 'failed-operation', undefined);
      else if (entry === undefined) {
        if (showsElsewhere(slot, false)) tellElsewhere(slot, undefined, deadline, now);
        settle(undefined, slot, AS_MAPPED, false);
      } else {
        entry.pins += 1;
        processInCall(entry, slot, late, deadline, now);
        entry.pins -= 1;
      }
    }
    if (late || (slot.open === 0 && queue.isFree(slot))) {
      finish(slot);
      emit(slot);
    } else queue.add(slot);
  };

  /** Decides what has waited long enough. */
  const expire = (now: number): void => {
    cause = undefined;
    for (let next = waiting.first(); next !== undefined && next.deadline < now; next = waiting.first()) {
      pump(next.entry, now);
      if (!next.decided) return;
    }
  };

  const step = (event: ArrivedEvent, now: number): void => {
    expire(now);
    if (queue.size > 0) queue.flush(emit);
    process(event, false, now);
    if (queue.size > 0) queue.flush(emit);
  };

  const stepAll = (next: () => ArrivedEvent | undefined): void => {
    for (let event = next(); event !== undefined; event = next()) step(event, event.time);
  };

  const take = (): readonly Outcome[] => {
    if (out.length === 0) return NONE;
    const taken = out;
    out = [];
    return taken;
  };

  return {
    push(record, now) {
      const event = arrival.take(record);
      if (event === undefined || event.record === NO_RECORD) releaseRecord(record);
      if (event === undefined) return NONE;
      if (event instanceof Slot) emit(event);
      else if (live) {
        // Arrival order needs no clock, but what is forgotten with time does.
        order.tick(event.time);
        step(event, now ?? event.time);
      } else if (order.isLate(event.time)) {
        // It shows that the clock is not behind: jumps ahead of it are still unconfirmed.
        if (event.time <= order.clock()) order.tick(event.time);
        turns.comeLate();
        process(event, true, order.clock() - waits.lateness);
        queue.flush(emit);
      } else {
        // Live, only the call itself tells: a wait for every release of a shim would be too much for so rare a case.
        if (event.current && (event.kind.action === 'AgentRelease' || event.kind.action === 'StopConsultant')) flags.inputIsMixed = true;
        order.add(event);
        order.tick(event.time);
        stepAll(order.next);
      }
      return take();
    },
    advance(now) {
      expire(now);
      queue.flush(emit);
      return take();
    },
    finish() {
      stepAll(order.drain);
      expire(Number.POSITIVE_INFINITY);
      queue.flush(emit);
      return take();
    },
    books,
    tally,
    survey: survey.save,
    unfinished: () => contexts.unfinished(),
    flush: () => contexts.flush(),
    save: () => saveTranslator(parts),
    restore: (state, slots, readRecord) => restoreTranslator(parts, state, slots, readRecord),
    takeSeen: memory.takeNew,
    restoreSeen: memory.restore,
    span: arrival.span,
    clock: order.clock,
    frontier: turns.frontier,
    lateEvents: turns.lateEvents,
    lateFrontier: turns.lateFrontier,
  };
}
