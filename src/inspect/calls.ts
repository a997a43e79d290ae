import type { RecordView } from '../event/record.ts';
import { slotTextOnce } from '../event/record.ts';
import { SLOT } from '../event/slots.ts';
import type { Inspection } from './inspection.ts';

/** Calls that are looked into: one in so many where there are more. */
const MOST_CALLS = 20_000;
const PARTIES_KEPT = 4;

interface Call {
  readonly legs: string[];
  readonly parties: string[];
  readonly types: Set<string>;
}

/** What each type says that only it can say, if its calls are there and it is not. */
const MEANING: Readonly<Record<string, string>> = {
  CallReleased: 'when each party left; AgentRelease is then concluded from AgentACW or AgentReady',
  CallEstablished: 'when the parties were connected: establishedTime and dispositionCode',
  Dialing: 'that an agent dialled: AgentDialing is then concluded from the call type',
  Ringing: 'whom a call rings for',
  AgentACW: 'that an agent is done, where its CallReleased is lost',
  AgentTalk: 'that an agent talks',
  AgentRinging: 'that an agent is rung',
  AgentReady: 'that an agent is free again',
  Route2IVR: 'when an inbound call began, and its contact flow',
  CDRReady: 'the record of each call',
};

/** What the calls of a log are like: legs of their parties, and types that none of them has. */
export class CallSurvey {
  private readonly calls = new Map<string, Call>();

  take(record: RecordView, type: string): void {
    const contact = slotTextOnce(record, SLOT.contactId);
    if (contact === undefined) return;
    let call = this.calls.get(contact);
    if (call === undefined) {
      if (this.calls.size === MOST_CALLS) return;
      call = { legs: [], parties: [], types: new Set() };
      this.calls.set(contact, call);
    }
    if (call.types.size < 40) call.types.add(type);
    const leg = slotTextOnce(record, SLOT.connectId);
    if (leg === undefined) return;
    // A party is an agent, or whoever is on a leg without one.
    add(call.legs, leg);
    add(call.parties, slotTextOnce(record, SLOT.agentId) ?? '');
  }

  legs(): Inspection['connectIds'] {
    let perParty = 0;
    let perCall = 0;
    for (const { legs, parties } of this.calls.values()) {
      if (parties.length < 2) continue;
      if (legs.length === 1) perCall += 1;
      else perParty += 1;
    }
    const all = perParty + perCall;
    const verdict = all < 5 ? 'unknown' : perCall > 0.9 * all ? 'call' : perParty > 0.5 * all ? 'party' : 'unknown';
    return { perParty, perCall, verdict };
  }

  missing(seen: ReadonlySet<string>): Inspection['missing'] {
    if (this.calls.size < 20) return [];
    return Object.entries(MEANING).flatMap(([type, means]) => (seen.has(type) ? [] : [{ type, means }]));
  }
}

function add(list: string[], item: string): void {
  if (list.length < PARTIES_KEPT && !list.includes(item)) list.push(item);
}
