import type { CallTrace, TracedOutput, TracedStep } from '../translate/trace.ts';

/** A party of a call; time runs down its lane. */
export interface Lane {
  /** Short sign of the party: `c` customer, `q` IVR and queue, `A`, `B`, … agents, `S`, `T`, … supervisors. */
  readonly sign: string;
  readonly kind: 'customer' | 'queue' | 'agent' | 'supervisor';
  /** Who it is. */
  readonly label: string;
}

/** What became of the event of a row, as it is drawn. */
export type Mark = 'copied' | 'renamed' | 'resolved' | 'synthesized' | 'none';

/** Signs of the marks: what a rung shows beside its colour. */
export const SIGNS: Readonly<Record<Mark, string>> = { copied: '=', renamed: '→', resolved: '◆', synthesized: '+', none: '✕' };

/** One line of a ladder: a 1.0 event, a 2.0 event that came of it, or both. */
export interface Rung {
  /** Index of the step in the trace. */
  readonly step: number;
  /** Index of the output in the step; undefined where none came of the event. */
  readonly output: number | undefined;
  /** Unix milliseconds; NaN where the event has no time. */
  readonly time: number;
  /** The 1.0 event; empty for the second and further outputs of one. */
  readonly legacy: string;
  /** The 2.0 event, or why there is none. */
  readonly current: string;
  readonly mark: Mark;
  /** Indexes of lanes: where it happens, and whom it reaches. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  /** How long it was held, and until what. */
  readonly note: string | undefined;
}

/** A call as a ladder: parties side by side, time downwards, 1.0 on the left, 2.0 on the right. */
export interface Ladder {
  readonly lanes: readonly Lane[];
  readonly rungs: readonly Rung[];
}

type Fields = ReadonlyMap<string, unknown>;

const SUPERVISING = new Set(['StartMonitor', 'StopMonitor', 'StartCoach', 'StopCoach', 'BargeIn', 'Intercept']);
const AT_QUEUE = new Set([
  ...['Route2IVR', 'IvrTracking', 'SatisfactionSurveyOffer', 'SatisfactionSurveyResponse', 'Enqueue'],
  ...['QueueingTimeout', 'QueueingOverflow', 'QueueingCancelled', 'QueueingRerouted', 'QueueingFailure', 'DispatchingFailure'],
]);
const FROM_QUEUE = new Set(['AssignAgent', 'AssignAgentFailure']);
const TO_CUSTOMER = new Set(['Dialing', 'CallHeld', 'Held', 'CallRetrieved', 'Retrieved']);
const OF_CALL = new Set([
  'CDRReady',
  'RecordingReady',
  'DualTrackRecordingReady',
  'VoicemailReady',
  'VnRecordingReady',
  'TextStream',
  'MediaStream',
]);
const FATES: Readonly<Record<TracedStep['account'], string>> = {
  translated: 'nothing',
  dropped: 'dropped',
  setAside: 'set aside',
  duplicates: 'duplicate',
  deadLetters: 'dead letter',
};

/** Lays a call out. */
export function ladderOf({ steps }: CallTrace): Ladder {
  const parties = new Parties();
  for (const step of steps) for (const seen of seenIn(step)) parties.take(seen);
  const lanes = parties.lanes();
  const indexOf = (sign: string | undefined): number | undefined => {
    const at = lanes.findIndex((lane) => lane.sign === sign);
    return at < 0 ? undefined : at;
  };
  const rungs = steps.flatMap((step, at): Rung[] => {
    const event: Seen = { type: step.event.type, fields: fieldsOf(step.event.text), agent: step.event.agent, step };
    const own = parties.ends(event);
    const outputs = step.outputs.length === 0 ? [undefined] : step.outputs;
    return outputs.map((output, index): Rung => {
      const seen = output === undefined ? event : seenOf(output, step);
      const ends = output === undefined ? own : parties.ends(seen);
      return {
        step: at,
        output: output === undefined ? undefined : index,
        time: output?.time ?? step.event.time,
        legacy: index === 0 ? `${step.event.type} ${told(own)}`.trimEnd() : '',
        current: output === undefined ? fateOf(step) : `${output.type} ${told(ends)}`.trimEnd(),
        mark: output?.kind ?? 'none',
        from: indexOf(ends.from),
        to: indexOf(ends.to),
        note: index === 0 ? noteOf(step) : undefined,
      };
    });
  });
  return { lanes, rungs };
}

/** The names and values of an event; empty where it is no JSON object. */
function fieldsOf(text: string): Fields {
  try {
    const fields = Object.entries(JSON.parse(text) as Readonly<Record<string, unknown>>);
    return new Map(fields.map(([name, value]) => [name.charAt(0).toLowerCase() + name.slice(1), value]));
  } catch {
    return new Map();
  }
}

/** What became of a step without an output. */
export function fateOf({ account, reason }: TracedStep): string {
  return reason === undefined || reason === 'duplicate' || reason === 'dropped-by-mapping'
    ? FATES[account]
    : `${FATES[account]}: ${reason}`;
}

function noteOf({ held, late, outputs }: TracedStep): string | undefined {
  const waited = outputs.some((output) => output.waited);
  const notes: string[] = [];
  if (late) notes.push('came late');
  if (held !== undefined) {
    const until =
      held.until === undefined
        ? `the wait of ${seconds(held.millis)} ran out`
        : `held ${seconds(held.millis)}, until ${held.until.type} came`;
    notes.push(waited ? `${until}: best reading` : until);
  }
  return notes.length === 0 ? undefined : notes.join('; ');
}

function seconds(millis: number): string {
  return `${(millis / 1000).toFixed(millis % 10 === 0 ? 2 : 3)} s`;
}

interface Seen {
  readonly type: string;
  readonly fields: Fields;
  readonly agent: string | undefined;
  readonly step: TracedStep;
}

function seenIn(step: TracedStep): Seen[] {
  // 2.0 first: it has the ids of now, and the names of both sides are to meet in one lane.
  const outputs = step.outputs.map((output) => seenOf(output, step));
  const { type, text, agent } = step.event;
  return outputs.length > 0 ? outputs : [{ type, fields: fieldsOf(text), agent, step }];
}

function seenOf({ type, text, agent }: TracedOutput, step: TracedStep): Seen {
  return { type, fields: fieldsOf(text), agent, step };
}

interface Ends {
  readonly from: string | undefined;
  readonly to: string | undefined;
}

function told({ from, to }: Ends): string {
  return [from, to].filter((sign) => sign !== undefined).join('→');
}

/** Who takes part in a call, in the order in which they appear. */
class Parties {
  private readonly agents: string[] = [];
  private readonly supervisors: string[] = [];
  private hasCustomer = false;
  private hasQueue = false;

  take(seen: Seen): void {
    if (OF_CALL.has(seen.type)) return;
    const { agent, type } = seen;
    if (AT_QUEUE.has(type) || FROM_QUEUE.has(type)) this.hasQueue = true;
    if (AT_QUEUE.has(type) || isAtCustomer(seen)) this.hasCustomer = true;
    if (agent !== undefined) this.add(SUPERVISING.has(type) ? this.supervisors : this.agents, agent);
    const other = otherOf(seen);
    if (other?.includes('@') === true) this.add(this.agents, other);
  }

  lanes(): Lane[] {
    const of = (kind: Lane['kind'], label: string): Lane => ({ sign: this.signOf(label) ?? label, kind, label });
    return [
      ...(this.hasCustomer ? [{ sign: 'c', kind: 'customer', label: 'customer' } as const] : []),
      ...(this.hasQueue ? [{ sign: 'q', kind: 'queue', label: 'IVR and queue' } as const] : []),
      ...this.agents.map((agent) => of('agent', agent)),
      ...this.supervisors.filter((each) => !this.agents.includes(each)).map((each) => of('supervisor', each)),
    ];
  }

  ends(seen: Seen): Ends {
    const { type, agent } = seen;
    const [own, other] = [this.signOf(agent), this.signOf(otherOf(seen))];
    if (OF_CALL.has(type)) return { from: undefined, to: undefined };
    if (AT_QUEUE.has(type)) return { from: 'c', to: 'q' };
    if (FROM_QUEUE.has(type)) return { from: 'q', to: own };
    if (isAtCustomer(seen)) return { from: 'c', to: undefined };
    if (TO_CUSTOMER.has(type)) return { from: own, to: this.hasCustomer && !isInternal(seen) ? 'c' : undefined };
    return { from: own, to: other === own ? undefined : other };
  }

  private signOf(party: string | undefined): string | undefined {
    if (party === undefined) return undefined;
    const at = this.agents.indexOf(party);
    if (at >= 0) return letter('A', at);
    const supervisor = this.supervisors.indexOf(party);
    return supervisor < 0 ? undefined : letter('S', supervisor);
  }

  private add(list: string[], party: string): void {
    if (!list.includes(party)) list.push(party);
  }
}

/** A to R for agents, S to Z for supervisors; then with a number. */
function letter(first: 'A' | 'S', at: number): string {
  const size = first === 'A' ? 18 : 8;
  const sign = String.fromCharCode(first.charCodeAt(0) + (at % size));
  return at < size ? sign : `${sign}${Math.floor(at / size) + 1}`;
}

/** Whom a transfer or a consultation leads to. */
function otherOf({ type, fields }: Seen): string | undefined {
  const name = type === 'BlindTransfer' || type === 'AttendedTransfer' ? 'destination' : 'counterparty';
  const value = fields.get(name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** It happens on the customer's leg: no agent is named, or the leg is known to be the customer's. */
function isAtCustomer({ type, agent, fields, step }: Seen): boolean {
  if (type.startsWith('Agent') || AT_QUEUE.has(type) || FROM_QUEUE.has(type)) return false;
  if (agent === undefined) return true;
  const leg = fields.get('channelId') ?? fields.get('connectId');
  const state = step.after ?? step.known;
  const isOfAgent = state?.agents.some((each) => each.leg === leg) === true;
  return type !== 'Dialing' && !TO_CUSTOMER.has(type) && leg !== undefined && state?.customerLeg === leg && !isOfAgent;
}

function isInternal({ fields }: Seen): boolean {
  return fields.get('callType') === 'Internal' || fields.get('callType') === 'INTERNAL';
}
