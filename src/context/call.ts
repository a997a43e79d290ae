import type { Evidence } from '../event/facts.ts';
import { withItem } from './few.ts';

/** Where an agent is in a call. `ringing` = only rang; `dialing` and `talking` = took part, and will be released. */
export type PartState = 'out' | 'ringing' | 'dialing' | 'talking';

/** When something was: event time (Unix milliseconds), then input order. */
export interface Moment {
  readonly time: number;
  readonly seq: number;
}

/** True if `a` was before `b`. Input order decides only between equal times: events may arrive in another order than they happened. */
export function isBefore(a: Moment, b: Moment): boolean {
  return a.time < b.time || (a.time === b.time && a.seq < b.seq);
}

/** An event that opens an agent's part in a call. Evidence once, for the part that it opened. */
export interface Opening extends Moment {
  readonly how: 'Dialing' | 'Ringing' | 'AssignAgent';
  readonly consult: boolean;
  readonly on: Evidence;
}

/** One agent's part in one call. */
export interface AgentPart {
  readonly agent: string;
  state: PartState;
  /** Event time since which the agent is in, or talks. */
  since: number;
  /** Event time at which the last part ended, or undefined. */
  endedAt: number | undefined;
  /** AgentRinging or AgentDialing of this part was seen. */
  announced: boolean;
  /** AgentTalk of this part was seen. */
  talked: boolean;
  /** The agent's leg was established, now or before. */
  up: boolean;
  /** The agent talked, now or before. */
  answered: boolean;
  /** How the agent was brought in, for `scenario`. */
  via: 'BLIND_TRANSFER' | 'CONSULTED' | undefined;
  leg: string | undefined;
  /** Skill group under which the agent takes part. */
  group: string | undefined;
  /** Skill groups that the agent is signed in to, comma-separated. */
  groups: string | undefined;
  /** Openings that no AgentRinging has used yet. */
  openings: Opening[];
  /** The event that made the agent ring, dial or talk: evidence for what follows. */
  on: Evidence | undefined;
  /** The event that showed the agent dialling. */
  dialledOn: Evidence | undefined;
}

/** One leg (1.0 connectId, 2.0 channelId), when it was first seen, and who was seen on it. One id may serve a whole call. */
export interface Leg extends Moment {
  readonly id: string;
  agents: string[];
  outside: boolean;
  /** The agent who consults on this leg: its release ends the consultation, not the agent's part in the call. */
  consultBy: string | undefined;
}

/** A consultation under way, since its opening event. */
export interface Consultation extends Moment {
  /** Consulting agent. */
  readonly by: string;
  /** Consulted agent or number, once known. */
  with: string | undefined;
  /** Leg of the event that opened it. */
  leg: string | undefined;
  /** The consultation has a leg of its own, first seen when it was opened. */
  ownLeg: boolean;
  started: boolean;
  /** Nobody told of its beginning: it was concluded from another agent ringing while `by` talked. */
  inferred: boolean;
  /** The consulted agent did not answer. */
  unanswered: boolean;
  /** The other party has begun to ring. */
  joined: boolean;
  on: Evidence;
}

/** A blind transfer whose target has not rung yet. */
export interface PendingTransfer {
  readonly by: string | undefined;
  readonly to: string | undefined;
  readonly on: Evidence;
}

/** Event times that call records are made of. */
export interface CallTimes {
  dialing: number | undefined;
  route: number | undefined;
  outsideUp: number | undefined;
  agentUp: number | undefined;
  /** Each party as it came up; the second one connects an internal or double call. */
  ups: number[];
  released: number | undefined;
}

/** All that is known of one contact: a fold of its events, plain data. */
export interface CallContext {
  readonly contact: string;
  /** True if 1.0 writes this contactId as a JSON number. */
  numeric: boolean;
  first: number;
  last: number;
  ended: boolean;
  /** A 2.0 event was seen: a mixed archive. */
  mixed: boolean;
  instance: string | undefined;
  /** As it came; never that of a consultation leg. */
  callType: string | undefined;
  /** The event that told the call type. */
  callTypeOn: Evidence | undefined;
  caller: string | undefined;
  callee: string | undefined;
  broker: string | undefined;
  flow: string | undefined;
  parts: AgentPart[];
  legs: Leg[];
  /** The customer's leg. */
  outsideLeg: string | undefined;
  outsideReleased: boolean;
  consultation: Consultation | undefined;
  transfer: PendingTransfer | undefined;
  times: CallTimes;
  /** Agents whose leg dialled, rang or was established, in order of appearance. */
  onRecord: string[];
  abandonPhase: string | undefined;
  queueTimedOut: boolean;
  ringTimedOut: boolean;
  /** SIP code with which the called party refused (603, 486). */
  refused: boolean;
  recorded: boolean;
  /** Identities of the events seen, for duplicates. */
  seen: number[];
}

/** The context of a contact of which nothing is known. */
export function newCall(contact: string, time: number): CallContext {
  return {
    contact,
    numeric: false,
    first: time,
    last: time,
    ended: false,
    mixed: false,
    instance: undefined,
    callType: undefined,
    callTypeOn: undefined,
    caller: undefined,
    callee: undefined,
    broker: undefined,
    flow: undefined,
    parts: [],
    legs: [],
    outsideLeg: undefined,
    outsideReleased: false,
    consultation: undefined,
    transfer: undefined,
    times: { dialing: undefined, route: undefined, outsideUp: undefined, agentUp: undefined, ups: [], released: undefined },
    onRecord: [],
    abandonPhase: undefined,
    queueTimedOut: false,
    ringTimedOut: false,
    refused: false,
    recorded: false,
    seen: [],
  };
}

/** The part of an agent in a call, or undefined if the agent was never seen there. */
export function findPart(call: CallContext, agent: string | undefined): AgentPart | undefined {
  for (const part of call.parts) if (part.agent === agent) return part;
  return undefined;
}

/** The part of an agent in a call, made if it is the agent's first appearance. */
export function partOf(call: CallContext, agent: string): AgentPart {
  const found = findPart(call, agent);
  if (found !== undefined) return found;
  const part = newPart(agent);
  call.parts = withItem(call.parts, part);
  return part;
}

function newPart(agent: string): AgentPart {
  return {
    agent,
    state: 'out',
    since: 0,
    endedAt: undefined,
    announced: false,
    talked: false,
    up: false,
    answered: false,
    via: undefined,
    leg: undefined,
    group: undefined,
    groups: undefined,
    openings: [],
    on: undefined,
    dialledOn: undefined,
  };
}

function newLeg(id: string, seen: Moment): Leg {
  return { id, time: seen.time, seq: seen.seq, agents: [], outside: false, consultBy: undefined };
}

/** What is known of a leg, made if it is new. */
export function legOf(call: CallContext, id: string, seen: Moment): Leg {
  for (const leg of call.legs) if (leg.id === id) return leg;
  const leg = newLeg(id, seen);
  call.legs = withItem(call.legs, leg);
  return leg;
}

/** What is known of a leg, or undefined. */
export function findLeg(call: CallContext, id: string | undefined): Leg | undefined {
  for (const leg of call.legs) if (leg.id === id) return leg;
  return undefined;
}

/** True while an agent dials or talks in the call: the agent's release is still to come. */
export function takesPart(part: AgentPart | undefined): boolean {
  return part !== undefined && (part.state === 'talking' || part.state === 'dialing');
}
