import type { Evidence } from '../event/facts.ts';
import type { AgentPart, CallContext, CallTimes, Consultation, Leg, Opening, PendingTransfer } from './call.ts';

/**
 * A call as text, for the state file: JSON arrays in fixed order, since the names of fields would be most of it.
 * `null` stands for undefined. The state file's schema version stands for the order.
 */
export function callToText(call: CallContext): string {
  return JSON.stringify([
    call.contact,
    call.numeric,
    call.first,
    call.last,
    call.ended,
    call.mixed,
    call.instance,
    call.callType,
    evidenceToText(call.callTypeOn),
    call.caller,
    call.callee,
    call.broker,
    call.flow,
    call.parts.map(partToText),
    call.legs.map((leg) => [leg.id, leg.time, leg.seq, leg.agents, leg.outside, leg.consultBy]),
    call.outsideLeg,
    call.outsideReleased,
    call.consultation === undefined ? null : consultationToText(call.consultation),
    call.transfer === undefined ? null : [call.transfer.by, call.transfer.to, evidenceToText(call.transfer.on)],
    timesToText(call.times),
    call.onRecord,
    call.abandonPhase,
    call.queueTimedOut,
    call.ringTimedOut,
    call.refused,
    call.recorded,
    call.seen,
  ]);
}

type Packed = readonly unknown[];

/** A call from its text. All calls have one shape in memory, or every look at one that came from the state file would be slow. */
export function callFromText(text: string): CallContext {
  const saved = JSON.parse(text) as Packed;
  return {
    contact: saved[0] as string,
    numeric: saved[1] as boolean,
    first: saved[2] as number,
    last: saved[3] as number,
    ended: saved[4] as boolean,
    mixed: saved[5] as boolean,
    instance: textAt(saved, 6),
    callType: textAt(saved, 7),
    callTypeOn: evidenceAt(saved, 8),
    caller: textAt(saved, 9),
    callee: textAt(saved, 10),
    broker: textAt(saved, 11),
    flow: textAt(saved, 12),
    parts: (saved[13] as Packed[]).map(partFromText),
    legs: (saved[14] as Packed[]).map(legFromText),
    outsideLeg: textAt(saved, 15),
    outsideReleased: saved[16] as boolean,
    consultation: saved[17] === null ? undefined : consultationFromText(saved[17] as Packed),
    transfer: saved[18] === null ? undefined : transferFromText(saved[18] as Packed),
    times: timesFromText(saved[19] as Packed),
    onRecord: saved[20] as string[],
    abandonPhase: textAt(saved, 21),
    queueTimedOut: saved[22] as boolean,
    ringTimedOut: saved[23] as boolean,
    refused: saved[24] as boolean,
    recorded: saved[25] as boolean,
    seen: saved[26] as number[],
  };
}

function textAt(saved: Packed, index: number): string | undefined {
  return (saved[index] as string | null) ?? undefined;
}

function numberAt(saved: Packed, index: number): number | undefined {
  return (saved[index] as number | null) ?? undefined;
}

function evidenceToText(evidence: Evidence | undefined): Packed | null {
  return evidence === undefined ? null : [evidence.type, evidence.source, evidence.offset, evidence.line];
}

function evidenceAt(saved: Packed, index: number): Evidence | undefined {
  const evidence = saved[index] as Packed | null;
  if (evidence === null) return undefined;
  return { type: evidence[0] as string, source: evidence[1] as number, offset: evidence[2] as number, line: evidence[3] as number };
}

function partToText(part: AgentPart): Packed {
  return [
    part.agent,
    part.state,
    part.since,
    part.endedAt,
    part.announced,
    part.talked,
    part.up,
    part.answered,
    part.via,
    part.leg,
    part.group,
    part.groups,
    part.openings.map((each) => [each.how, each.time, each.seq, each.consult, evidenceToText(each.on)]),
    evidenceToText(part.on),
    evidenceToText(part.dialledOn),
  ];
}

function partFromText(saved: Packed): AgentPart {
  return {
    agent: saved[0] as string,
    state: saved[1] as AgentPart['state'],
    since: saved[2] as number,
    endedAt: numberAt(saved, 3),
    announced: saved[4] as boolean,
    talked: saved[5] as boolean,
    up: saved[6] as boolean,
    answered: saved[7] as boolean,
    via: textAt(saved, 8) as AgentPart['via'],
    leg: textAt(saved, 9),
    group: textAt(saved, 10),
    groups: textAt(saved, 11),
    openings: (saved[12] as Packed[]).map(openingFromText),
    on: evidenceAt(saved, 13),
    dialledOn: evidenceAt(saved, 14),
  };
}

function openingFromText(saved: Packed): Opening {
  return {
    how: saved[0] as Opening['how'],
    seq: saved[2] as number,
    time: saved[1] as number,
    consult: saved[3] as boolean,
    on: evidenceAt(saved, 4) as Evidence,
  };
}

function legFromText(saved: Packed): Leg {
  return {
    id: saved[0] as string,
    time: saved[1] as number,
    seq: saved[2] as number,
    agents: saved[3] as string[],
    outside: saved[4] as boolean,
    consultBy: textAt(saved, 5),
  };
}

function consultationToText(each: Consultation): Packed {
  const { by, time, seq, leg, ownLeg, started, inferred, unanswered, joined, on } = each;
  return [by, time, seq, each.with, leg, ownLeg, started, inferred, unanswered, joined, evidenceToText(on)];
}

function consultationFromText(saved: Packed): Consultation {
  return {
    by: saved[0] as string,
    time: saved[1] as number,
    seq: saved[2] as number,
    with: textAt(saved, 3),
    leg: textAt(saved, 4),
    ownLeg: saved[5] as boolean,
    started: saved[6] as boolean,
    inferred: saved[7] as boolean,
    unanswered: saved[8] as boolean,
    joined: saved[9] as boolean,
    on: evidenceAt(saved, 10) as Evidence,
  };
}

function transferFromText(saved: Packed): PendingTransfer {
  return { by: textAt(saved, 0), to: textAt(saved, 1), on: evidenceAt(saved, 2) as Evidence };
}

function timesToText(times: CallTimes): Packed {
  return [times.dialing, times.route, times.outsideUp, times.agentUp, times.ups, times.released];
}

function timesFromText(saved: Packed): CallTimes {
  return {
    dialing: numberAt(saved, 0),
    route: numberAt(saved, 1),
    outsideUp: numberAt(saved, 2),
    agentUp: numberAt(saved, 3),
    ups: saved[4] as number[],
    released: numberAt(saved, 5),
  };
}
