/** The worked sequences of the design (semantics, section 7), 1.0 in and 2.0 out, written short. */
const TALKING = 'AgentRinging A, Dialing A, Ringing c, AgentTalk A, CallEstablished A, CallEstablished c';
const TALKED = ['AgentDialing A', 'Dialing A', 'Ringing', 'AgentTalk A', 'Established A', 'Established'];

export const WORKED: readonly {
  readonly name: string;
  readonly callType: string;
  readonly legacy: string;
  readonly current: readonly string[];
}[] = [
  {
    name: '1 outbound, the customer hangs up first',
    callType: 'Outbound',
    legacy: `${TALKING}, CallReleased c, CallReleased A, AgentACW A, AgentReady A`,
    current: [...TALKED, 'Released', 'AgentRelease A', 'Released A', 'AgentReady A'],
  },
  {
    name: '2 inbound, the agent hangs up first',
    callType: 'Inbound',
    legacy:
      'Route2IVR c, Enqueue c, AssignAgent A, Ringing A, AgentRinging A, AgentTalk A, CallEstablished A, CallReleased A, CallReleased c, AgentACW A, AgentReady A',
    current: [
      'Route2IVR', 'Enqueue', 'AssignAgent A', 'Ringing A', 'AgentRinging A', 'AgentTalk A', 'Established A',
      'AgentRelease A', 'Released A', 'Released', 'AgentReady A',
    ], // biome-ignore format: a sequence
  },
  {
    name: '3 agent to agent',
    callType: 'Internal',
    legacy:
      'AgentRinging A, Dialing A, AgentRinging B, Ringing B, AgentTalk A, CallEstablished A, AgentTalk B, CallEstablished B, CallReleased B, CallReleased A, AgentACW B, AgentACW A',
    current: [
      'AgentDialing A', 'Dialing A', 'AgentRinging B', 'Ringing B', 'AgentTalk A', 'Established A', 'AgentTalk B', 'Established B',
      'AgentRelease B', 'Released B', 'AgentRelease A', 'Released A',
    ], // biome-ignore format: a sequence
  },
  {
    name: '4 blind transfer',
    callType: 'Outbound',
    legacy: `${TALKING}, CallReleased A, BlindTransfer A>B, AgentACW A, AgentRinging B, Ringing B, AgentReady A, AgentTalk B, CallEstablished B, CallReleased c, CallReleased B, AgentACW B`,
    current: [
      ...TALKED,
      'AgentRelease A', 'Released A', 'BlindTransfer A', 'AgentRinging B', 'Ringing B', 'AgentReady A', 'AgentTalk B', 'Established B',
      'Released', 'AgentRelease B', 'Released B',
    ], // biome-ignore format: a sequence
  },
  {
    name: '5 attended transfer',
    callType: 'Outbound',
    legacy: `${TALKING}, AgentRinging A, Ringing B, AgentRinging B, AgentTalk B, CallEstablished B, AgentTalk A, CallReleased A, AttendedTransfer A>B, AgentACW A, AgentReady A, CallReleased c, CallReleased B, AgentACW B`,
    current: [
      ...TALKED,
      'InitiateConsultant A>B', 'Ringing B', 'AgentRinging B', 'AgentTalk B', 'Established B', 'StartConsultant A>B',
      'AgentRelease A', 'Released A', 'AttendedTransfer A', 'StopConsultant A>B', 'AgentReady A', 'Released', 'AgentRelease B', 'Released B',
    ], // biome-ignore format: a sequence
  },
  {
    name: '6 consultation given up',
    callType: 'Outbound',
    legacy: `${TALKING}, AgentRinging A, Ringing B, AgentRinging B, AgentTalk B, CallEstablished B, AgentTalk A, CallReleased B, AgentACW B, CallReleased c, CallReleased A, AgentACW A`,
    current: [
      ...TALKED,
      'InitiateConsultant A>B', 'Ringing B', 'AgentRinging B', 'AgentTalk B', 'Established B', 'StartConsultant A>B',
      'AgentRelease B', 'Released B', 'StopConsultant A>B', 'Released', 'AgentRelease A', 'Released A',
    ], // biome-ignore format: a sequence
  },
  {
    name: '7 consultation not answered',
    callType: 'Outbound',
    legacy: `${TALKING}, AgentRinging A, AgentRinging B, Ringing B, RingingTimeout B, CallReleased B, AgentBreak B, CallReleased c, CallReleased A`,
    current: [
      ...TALKED,
      'InitiateConsultant A>B', 'AgentRinging B', 'Ringing B', 'RingingTimeout B', 'Released B', 'StopConsultant A>B', 'AgentBreak B',
      'Released', 'AgentRelease A', 'Released A',
    ], // biome-ignore format: a sequence
  },
  {
    name: '8 a chain: blind transfer to B, then B consults D and transfers',
    callType: 'Outbound',
    legacy: `${TALKING}, CallReleased A, BlindTransfer A>B, AgentACW A, AgentRinging B, Ringing B, AgentTalk B, CallEstablished B, AgentRinging B, Ringing D, AgentRinging D, AgentTalk D, CallEstablished D, AgentTalk B, CallReleased B, AttendedTransfer B>D, AgentACW B, CallReleased c, CallReleased D`,
    current: [
      ...TALKED,
      'AgentRelease A', 'Released A', 'BlindTransfer A', 'AgentRinging B', 'Ringing B', 'AgentTalk B', 'Established B',
      'InitiateConsultant B>D', 'Ringing D', 'AgentRinging D', 'AgentTalk D', 'Established D', 'StartConsultant B>D',
      'AgentRelease B', 'Released B', 'AttendedTransfer B', 'StopConsultant B>D', 'Released', 'AgentRelease D', 'Released D',
    ], // biome-ignore format: a sequence
  },
];
