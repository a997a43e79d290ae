/** 1.0 events written short: `AgentRinging A`, `Ringing c`, `BlindTransfer A>B`; each a second after the one before, unless ` @ms` says when. */
export interface ShortOptions {
  readonly contact?: string;
  readonly callType?: string;
  /** One connectId for the whole call instead of one per party. */
  readonly oneLeg?: boolean;
  readonly start?: number;
  readonly step?: number;
}

const AGENT_EVENTS = new Set(['AgentCheckIn', 'AgentReady', 'AgentBreak', 'AgentCheckOut', 'AgentRinging', 'AgentTalk', 'AgentACW']);
const WITHOUT_CALL = new Set(['AgentCheckIn', 'AgentReady', 'AgentBreak', 'AgentCheckOut']);

/** The 1.0 lines of a short sequence. */
export function legacyLines(sequence: string, options: ShortOptions = {}): string[] {
  const { contact = '100', callType = 'Outbound', oneLeg = false, start = Date.UTC(2021, 3, 14, 2, 0, 0), step = 400 } = options;
  let time = start;
  return sequence
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
    .map((each) => {
      const [words = '', at] = each.split(' @');
      const [type = '', who = '', ...more] = words.trim().split(/\s+/);
      time = at === undefined ? time + step : start + Number(at);
      return JSON.stringify(legacyEvent(type, who, more, { contact, callType, oneLeg, time }));
    });
}

interface Context {
  readonly contact: string;
  readonly callType: string;
  readonly oneLeg: boolean;
  readonly time: number;
}

function legacyEvent(type: string, who: string, more: readonly string[], context: Context): Record<string, unknown> {
  const [party = '', other] = who.split('>');
  const isAgent = /^[A-Z]$/.test(party);
  const base = { EventTime: new Date(context.time).toISOString(), EventType: type };
  const leg = context.oneLeg ? `leg-${context.contact}` : `leg-${context.contact}-${party}`;
  const extra = Object.fromEntries(more.map((pair) => pair.split('=') as [string, string]));
  if (AGENT_EVENTS.has(type)) {
    const call = WITHOUT_CALL.has(type) ? {} : { contactId: context.contact, connectId: leg };
    return { ...base, agentId: `${party}@old`, skillGroupIds: `g${party}`, instanceId: 'inst', ...call, result: '0', remark: '', ...extra };
  }
  const numbers = { callType: context.callType, caller: '01088880100', callee: '13900000000' };
  if (type === 'BlindTransfer' || type === 'AttendedTransfer') {
    const transfer = { transferor: `${party}@old`, destination: destinationOf(other ?? '') };
    return {
      ...base,
      agentId: `${party}@old`,
      skillGroupIds: `g${party}`,
      instanceId: 'inst',
      contactId: context.contact,
      connectId: leg,
      ...numbers,
      ...transfer,
      ...extra,
    };
  }
  if (type === 'CDRReady') return { ...base, contactId: context.contact, connectId: leg, ...numbers, instanceId: 'inst', ...extra };
  if (type.endsWith('RecordingReady'))
    return { ...base, contactId: context.contact, fileName: 'r.wav', downloadURL: 'https://x/r.wav', instanceId: 'inst', ...extra };
  const agent = isAgent || other !== undefined ? { agentId: `${isAgent ? party : other}@old` } : {};
  const rings = type === 'Ringing' ? { destination: destinationOf(party) } : {};
  return {
    ...base,
    contactId: context.contact,
    connectId: leg,
    ...numbers,
    broker: '01088880100',
    ...agent,
    ...rings,
    instanceId: 'inst',
    ...extra,
  };
}

function destinationOf(party: string): string {
  if (/^[A-Z]$/.test(party)) return `${party}@old`;
  return party === 'c' ? '13900000000' : party;
}

/** 2.0 lines written short, with `+` before what was synthesized and `≠` before what was resolved to another name. */
export function short(lines: readonly string[]): string[] {
  return lines.map((line) => {
    const event = JSON.parse(line) as { readonly eventType: string; readonly agentId?: string; readonly counterparty?: string };
    const who = event.agentId?.replace('@old', '') ?? '';
    const other = event.counterparty?.replace('@old', '');
    return [event.eventType, other === undefined ? who : `${who}>${other}`].filter((each) => each !== '').join(' ');
  });
}
