import type { Evidence } from '../event/facts.ts';
import type { AgentPart, CallContext, Consultation, Leg, Opening, PartState } from './call.ts';
import { Packer, Unpacker } from './packer.ts';

const STATES: readonly PartState[] = ['out', 'ringing', 'dialing', 'talking'];
const OPENINGS: readonly Opening['how'][] = ['Dialing', 'Ringing', 'AssignAgent'];

/** One for all: a call is packed and stored before the next one is. */
const packer = new Packer();

/**
 * A call as bytes, for the state file: its values in fixed order, since the names of fields would be most of it. The bytes are good until
 * the next call is packed. The state file's schema version stands for the order.
 */
export function packCall(call: CallContext): Uint8Array {
  packer.restart();
  packer.text(call.contact);
  const { numeric, ended, mixed, outsideReleased, queueTimedOut, ringTimedOut, refused, recorded } = call;
  packer.byte(flags(numeric, ended, mixed, outsideReleased, queueTimedOut, ringTimedOut, refused, recorded));
  packer.number(call.first);
  packer.number(call.last);
  packer.text(call.instance);
  packer.text(call.callType);
  packEvidence(call.callTypeOn);
  packer.text(call.caller);
  packer.text(call.callee);
  packer.text(call.broker);
  packer.text(call.flow);
  packer.count(call.parts.length);
  for (const part of call.parts) packPart(part);
  packer.count(call.legs.length);
  for (const leg of call.legs) packLeg(leg);
  packer.text(call.outsideLeg);
  packConsultation(call.consultation);
  packTransfer(call);
  packTimes(call);
  packer.texts(call.onRecord);
  packer.text(call.abandonPhase);
  packNumbers(call.seen);
  return packer.packed();
}

/** A call from its bytes. All calls have one shape in memory, or every look at one that came from the state file would be slow. */
export function unpackCall(bytes: Uint8Array): CallContext {
  // Fields are read in the order in which `newCall` makes them, which is the order in which they were packed.
  const from = new Unpacker(bytes);
  const contact = from.text();
  const set = from.byte();
  return {
    contact,
    numeric: isSet(set, 0),
    first: from.number(),
    last: from.number(),
    ended: isSet(set, 1),
    mixed: isSet(set, 2),
    instance: from.maybeName(),
    callType: from.maybeName(),
    callTypeOn: unpackEvidence(from),
    caller: from.maybeText(),
    callee: from.maybeText(),
    broker: from.maybeName(),
    flow: from.maybeName(),
    parts: from.list(() => unpackPart(from)),
    legs: from.list(() => unpackLeg(from)),
    outsideLeg: from.maybeText(),
    outsideReleased: isSet(set, 3),
    consultation: unpackConsultation(from),
    transfer: unpackTransfer(from),
    times: unpackTimes(from),
    onRecord: from.list(() => from.name()),
    abandonPhase: from.maybeName(),
    queueTimedOut: isSet(set, 4),
    ringTimedOut: isSet(set, 5),
    refused: isSet(set, 6),
    recorded: isSet(set, 7),
    seen: from.list(() => from.number()),
  };
}

function flags(...each: readonly boolean[]): number {
  return each.reduce((sum, flag, bit) => sum | (flag ? 1 << bit : 0), 0);
}

function isSet(set: number, bit: number): boolean {
  return (set & (1 << bit)) !== 0;
}

function packNumbers(numbers: readonly number[]): void {
  packer.count(numbers.length);
  for (const number of numbers) packer.number(number);
}

function packEvidence(evidence: Evidence | undefined): void {
  packer.text(evidence?.type);
  if (evidence === undefined) return;
  packer.count(evidence.source);
  packer.number(evidence.offset);
  packer.number(evidence.line);
}

function unpackEvidence(from: Unpacker): Evidence | undefined {
  const type = from.maybeName();
  return type === undefined ? undefined : { type, source: from.count(), offset: from.number(), line: from.number() };
}

function packPart(part: AgentPart): void {
  packer.text(part.agent);
  packer.byte(STATES.indexOf(part.state));
  packer.byte(flags(part.announced, part.talked, part.up, part.answered));
  packer.number(part.since);
  packer.number(part.endedAt);
  packer.text(part.via);
  packer.text(part.leg);
  packer.text(part.group);
  packer.text(part.groups);
  packer.count(part.openings.length);
  for (const opening of part.openings) packOpening(opening);
  packEvidence(part.on);
  packEvidence(part.dialledOn);
}

function unpackPart(from: Unpacker): AgentPart {
  const agent = from.name();
  const state = STATES[from.byte()] as PartState;
  const set = from.byte();
  return {
    agent,
    state,
    since: from.number(),
    endedAt: from.maybeNumber(),
    announced: isSet(set, 0),
    talked: isSet(set, 1),
    up: isSet(set, 2),
    answered: isSet(set, 3),
    via: from.maybeName() as AgentPart['via'],
    leg: from.maybeText(),
    group: from.maybeName(),
    groups: from.maybeName(),
    openings: from.list(() => unpackOpening(from)),
    on: unpackEvidence(from),
    dialledOn: unpackEvidence(from),
  };
}

function packOpening(opening: Opening): void {
  packer.byte(OPENINGS.indexOf(opening.how));
  packer.byte(flags(opening.consult));
  packer.number(opening.seq);
  packer.number(opening.time);
  packEvidence(opening.on);
}

function unpackOpening(from: Unpacker): Opening {
  const how = OPENINGS[from.byte()] as Opening['how'];
  const consult = isSet(from.byte(), 0);
  return { how, seq: from.number(), time: from.number(), consult, on: unpackEvidence(from) as Evidence };
}

function packLeg(leg: Leg): void {
  packer.text(leg.id);
  packer.number(leg.time);
  packer.number(leg.seq);
  packer.texts(leg.agents);
  packer.byte(flags(leg.outside));
  packer.text(leg.consultBy);
}

function unpackLeg(from: Unpacker): Leg {
  return {
    id: from.text(),
    time: from.number(),
    seq: from.number(),
    agents: from.list(() => from.name()),
    outside: isSet(from.byte(), 0),
    consultBy: from.maybeName(),
  };
}

function packConsultation(each: Consultation | undefined): void {
  packer.text(each?.by);
  if (each === undefined) return;
  packer.byte(flags(each.ownLeg, each.started, each.inferred, each.unanswered, each.joined));
  packer.number(each.time);
  packer.number(each.seq);
  packer.text(each.with);
  packer.text(each.leg);
  packEvidence(each.on);
}

function unpackConsultation(from: Unpacker): Consultation | undefined {
  const by = from.maybeName();
  if (by === undefined) return undefined;
  const set = from.byte();
  return {
    by,
    time: from.number(),
    seq: from.number(),
    with: from.maybeName(),
    leg: from.maybeText(),
    ownLeg: isSet(set, 0),
    started: isSet(set, 1),
    inferred: isSet(set, 2),
    unanswered: isSet(set, 3),
    joined: isSet(set, 4),
    on: unpackEvidence(from) as Evidence,
  };
}

function packTransfer({ transfer }: CallContext): void {
  packEvidence(transfer?.on);
  if (transfer === undefined) return;
  packer.text(transfer.by);
  packer.text(transfer.to);
}

function unpackTransfer(from: Unpacker): CallContext['transfer'] {
  const on = unpackEvidence(from);
  return on === undefined ? undefined : { by: from.maybeName(), to: from.maybeName(), on };
}

function packTimes({ times }: CallContext): void {
  packer.number(times.dialing);
  packer.number(times.route);
  packer.number(times.outsideUp);
  packer.number(times.agentUp);
  packNumbers(times.ups);
  packer.number(times.released);
}

function unpackTimes(from: Unpacker): CallContext['times'] {
  return {
    dialing: from.maybeNumber(),
    route: from.maybeNumber(),
    outsideUp: from.maybeNumber(),
    agentUp: from.maybeNumber(),
    ups: from.list(() => from.number()),
    released: from.maybeNumber(),
  };
}
