/** Why a rule decided as it did, one sentence each, by the rule that says so first: what the evidence says (semantics, section 3). */
export const WHY = {
  'consults-while-talking': { rule: 'AgentRinging', says: 'the agent talks in this call already: ringing once more begins a consultation' },
  'consults-on-own-leg': { rule: 'AgentRinging', says: 'the agent dialled a leg of call type Consult: a consultation begins' },
  'dials-on-own-leg': { rule: 'AgentRinging', says: 'a Dialing of the agent is in the call' },
  'dials-first': { rule: 'AgentRinging', says: 'the call goes out, and no agent has been in it before' },
  'dials-colleague': { rule: 'AgentRinging', says: 'in this internal call another agent rings, and nobody has dialled yet' },
  'dials-alone': {
    rule: 'AgentRinging',
    says: 'nothing brought the agent into this call although the log tells whom calls ring for: the agent dialled',
  },
  'rings-by-name': { rule: 'AgentRinging', says: 'a Ringing or an AssignAgent names the agent' },
  'rings-by-transfer': { rule: 'AgentRinging', says: 'a transfer leads to the agent' },
  'rings-by-consultation': { rule: 'AgentRinging', says: 'a consultation waits for its other party' },
  'rings-by-colleague': { rule: 'AgentRinging', says: 'another agent dialled this call' },
  'rings-by-default': { rule: 'AgentRinging', says: 'no evidence came while it waited: the event keeps its name, nothing is guessed' },
  talks: { rule: 'AgentTalk', says: 'the agent has no consultation that waits for its start' },
  'consultation-starts': { rule: 'AgentTalk', says: "the agent's consultation was under way and had not started yet" },
  'released-with-leg': { rule: 'CallReleased', says: 'the agent dialled or talked in the call, and the leg was released' },
  'released-before-acw': {
    rule: 'AgentACW',
    says: 'after-call work has begun, and the release of the leg did not come: it was lost, or not subscribed to',
  },
  'released-before-elsewhere': {
    rule: 'AgentElsewhere',
    says: 'the agent is elsewhere, and the release of the leg did not come: it was lost, or not subscribed to',
  },
  'consultation-transferred': { rule: 'AttendedTransfer', says: 'the attended transfer ends the consultation' },
  'consultation-given-up': { rule: 'CallReleased', says: 'the consulted party is gone, and the agent who consulted talks on' },
  'consultation-left': { rule: 'CallReleased', says: 'the agent who consulted is gone, and no AttendedTransfer came while it waited' },
  'consultation-overdue': { rule: 'AgentACW', says: 'one of the two who consulted is gone, and nothing told of it before' },
  'held-customer': { rule: 'CallHeld', says: "the party on hold is the customer: the leg is the customer's" },
  'retrieved-customer': { rule: 'CallRetrieved', says: "the party taken back is the customer: the leg is the customer's" },
  'record-of-call': { rule: 'CDRReady', says: 'times, disposition and agents are those that the events of the call showed' },
  'recording-of-call': { rule: 'RecordingReady', says: 'times and agents are those that the events of the call showed' },
} as const;

/** A reason of {@link WHY}. */
export type Why = keyof typeof WHY;
