/** Why a rule decided as it did, one sentence each: what the evidence says (semantics, section 3), for a person who asks. */
export const WHY = {
  'consults-while-talking': 'the agent talks in this call already: ringing once more begins a consultation',
  'consults-on-own-leg': 'the agent dialled a leg of call type Consult: a consultation begins',
  'dials-on-own-leg': 'a Dialing of the agent is in the call',
  'dials-first': 'the call goes out, and no agent has been in it before',
  'dials-colleague': 'in this internal call another agent rings, and nobody has dialled yet',
  'dials-alone': 'nothing brought the agent into this call although the log tells whom calls ring for: the agent dialled',
  'rings-by-name': 'a Ringing or an AssignAgent names the agent',
  'rings-by-transfer': 'a transfer leads to the agent',
  'rings-by-consultation': 'a consultation waits for its other party',
  'rings-by-colleague': 'another agent dialled this call',
  'rings-by-default': 'no evidence came while it waited: the event keeps its name, nothing is guessed',
  talks: 'the agent has no consultation that waits for its start',
  'consultation-starts': "the agent's consultation was under way and had not started yet",
  'released-with-leg': 'the agent dialled or talked in the call, and the leg was released',
  'released-before-acw': 'after-call work has begun, and the release of the leg did not come: it was lost, or not subscribed to',
  'released-before-elsewhere': 'the agent is elsewhere, and the release of the leg did not come: it was lost, or not subscribed to',
  'consultation-transferred': 'the attended transfer ends the consultation',
  'consultation-given-up': 'the consulted party is gone, and the agent who consulted talks on',
  'consultation-left': 'the agent who consulted is gone, and no AttendedTransfer came while it waited',
  'consultation-overdue': 'one of the two who consulted is gone, and nothing told of it before',
  'held-customer': "the party on hold is the customer: the leg is the customer's",
  'record-of-call': 'times, disposition and agents are those that the events of the call showed',
} as const;

/** A reason of {@link WHY}. */
export type Why = keyof typeof WHY;
