import type { Played, Truth } from './played.ts';
import type { Random } from './random.ts';
import type { Agent, Named, World } from './world.ts';

/** Call types of the calls that are played. */
export type CallType = 'Inbound' | 'Outbound' | 'Internal' | 'Back2Back';

/** 2.0 spelling of each call type, by the vendor's tables. */
export const CURRENT_CALL_TYPE: Readonly<Record<CallType | 'Consult', string>> = {
  Inbound: 'INBOUND',
  Outbound: 'OUTBOUND',
  Internal: 'INTERNAL',
  Back2Back: 'BACK2BACK',
  Consult: 'CONSULTANT',
};

/** What every scene is played on: the world, the free agents, the running numbers. */
export interface Stage {
  readonly random: Random;
  readonly world: World;
  readonly oneConnectId: boolean;
  readonly consultType: number;
  readonly pace: number;
  nextEventId(): number;
  nextContactId(): number;
  /** Takes a free agent out of the pool, one that is signed in to the group if a few tries find one. */
  take(group?: Named): Agent | undefined;
}

/** One end of a call. */
export interface Party {
  readonly leg: string;
  readonly number: string;
  readonly agent: Agent | undefined;
  readonly group: Named | undefined;
  readonly scenario: 'BLIND_TRANSFER' | 'CONSULTED' | undefined;
  readonly legType: 'Consult' | undefined;
  /** The agent has dialled or talked, and was not released yet. */
  engaged: boolean;
  /** The AgentRelease of the last engagement: more evidence of it may follow. */
  release: Truth | undefined;
}

/** What the records of the call need to know (vendor's definitions, semantics section 3). */
export interface Facts {
  startTime: number | undefined;
  establishedTime: number | undefined;
  endTime: number | undefined;
  established: number;
  abandoned: 'IVR' | 'Queuing' | 'Ring' | undefined;
  queueTimeout: boolean;
  ringingTimeout: boolean;
  rejected: boolean;
  readonly seats: Party[];
}

/** A call while it is being played. */
export interface Call {
  readonly stage: Stage;
  readonly scenario: string;
  readonly contactId: string;
  readonly type: CallType;
  readonly caller: string;
  readonly callee: string;
  readonly broker: string | undefined;
  contactFlowId: string | undefined;
  readonly queueGroup: Named | undefined;
  legs: number;
  now: number;
  readonly events: Played[];
  readonly facts: Facts;
}

/** What distinguishes a new call from the others. */
export type CallSetup = Pick<Call, 'scenario' | 'type' | 'caller' | 'callee' | 'now'> & Partial<Pick<Call, 'broker' | 'queueGroup'>>;

/** Opens a call with an id of its own. */
export function openCall(stage: Stage, setup: CallSetup): Call {
  const { scenario, type, caller, callee, now, broker, queueGroup } = setup;
  const contactId = String(stage.nextContactId());
  const facts: Facts = {
    startTime: undefined,
    establishedTime: undefined,
    endTime: undefined,
    established: 0,
    abandoned: undefined,
    queueTimeout: false,
    ringingTimeout: false,
    rejected: false,
    seats: [],
  };
  return {
    stage,
    scenario,
    contactId,
    type,
    caller,
    callee,
    broker,
    contactFlowId: undefined,
    queueGroup,
    legs: 0,
    now,
    events: [],
    facts,
  };
}

/** A new leg id; with one connectId per call it is always the same. */
export function newLeg(call: Call): string {
  call.legs += 1;
  return String(Number(call.contactId) + (call.stage.oneConnectId ? 1 : call.legs));
}

/** A party without an agent: a customer, an outside number, the centre itself. */
export function outsideParty(call: Call, number: string, legType?: 'Consult'): Party {
  return {
    leg: newLeg(call),
    number,
    agent: undefined,
    group: undefined,
    scenario: undefined,
    legType,
    engaged: false,
    release: undefined,
  };
}

/** An agent's part in a call. */
export function seat(call: Call, agent: Agent, more: Partial<Pick<Party, 'group' | 'scenario' | 'legType'>> = {}): Party {
  const { group, scenario, legType } = more;
  return { leg: newLeg(call), number: agent.extension, agent, group, scenario, legType, engaged: false, release: undefined };
}

const LONG = 12_000;

/** Lets time pass inside a call. Two events of a call are never closer than 5 ms. */
export function wait(call: Call, low: number, high: number): void {
  const { random, pace } = call.stage;
  call.now += random.int(Math.max(5, low), high) * (isPeople(low, high) ? pace : 1);
}

/** People talk and queue for long and for very different times; what machines do is quick, and their time-outs are nearly exact. */
function isPeople(low: number, high: number): boolean {
  return high >= LONG && low < high / 2;
}

/** Adds a 1.0 event of the call at its present moment. */
export function play(call: Call, type: string, fields: Played['fields'], truth: readonly Truth[]): Played {
  const { contactId, scenario, now, stage } = call;
  const played: Played = { id: stage.nextEventId(), time: now, type, contactId, scenario, fields, truth };
  call.events.push(played);
  return played;
}
