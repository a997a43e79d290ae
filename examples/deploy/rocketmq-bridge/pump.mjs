/** When to take messages and in which order to send them. As pure as forward.mjs: `receive`, `forward`, `probe` and `pause` come from outside. */

const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;
const AFTER_TROUBLE = 5_000;

/**
 * Takes messages and forwards them until `signal` is aborted; ends when what is under way is answered.
 *
 * Nothing is taken while the shim does not take events: RocketMQ counts each delivery, and after the last one (16 by default) it moves the
 * message to its own dead letters, where no bridge finds it. So an outage costs the messages of one batch one delivery, and no more.
 */
export async function pump({ receive, forward, probe, pause, concurrency, signal, log }) {
  let isOpen = false;
  let wait = 0;
  while (!signal.aborted) {
    if (!isOpen) {
      await pause(wait);
      isOpen = !signal.aborted && (await probe());
      if (!isOpen) {
        if (wait === 0) log('the shim does not take events: nothing is received until it does');
        wait = longer(wait);
        continue;
      }
    }
    let messages;
    try {
      messages = await receive();
    } catch (error) {
      log('nothing could be received', { detail: error.message });
      await pause(AFTER_TROUBLE);
      continue;
    }
    const left = await forwardAll(messages, { forward, concurrency, signal });
    isOpen = left === undefined;
    wait = left === undefined ? 0 : longer(wait, left.after);
  }
}

/** The next pause: twice the last one, or what the shim asks for if that is more. */
function longer(wait, after = 0) {
  return Math.min(Math.max(wait * 2, FIRST_PAUSE, after * 1_000), LONGEST_PAUSE);
}

/** Forwards the lanes of a batch, `concurrency` at once. `{ after }` of a message that was left, if there is one: then the rest is not sent. */
async function forwardAll(messages, { forward, concurrency, signal }) {
  const lanes = lanesOf(messages);
  let left;
  const forwardLane = async (lane) => {
    for (const message of lane) {
      if (left !== undefined || signal.aborted) return;
      const { outcome, after } = await forward(message);
      if (outcome === 'left') left ??= { after };
      // What comes behind it in the same call must not be sent before it.
      if (outcome === 'left' || outcome === 'corrupted') return;
    }
  };
  const work = async () => {
    for (let lane = lanes.shift(); lane !== undefined; lane = lanes.shift()) await forwardLane(lane);
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return left;
}

/** Messages that must keep their order, together: those of one call, and those that name the same agent. */
export function lanesOf(messages) {
  const lanes = new Map();
  messages.forEach((message, index) => {
    const keys = keysOf(message.body);
    const joined = new Set(keys.flatMap((key) => lanes.get(key) ?? []));
    const lane = { keys: [...keys], items: [{ message, index }] };
    for (const each of joined) {
      lane.keys.push(...each.keys);
      lane.items.push(...each.items);
    }
    for (const key of lane.keys) lanes.set(key, lane);
    // One without keys stands alone.
    if (keys.length === 0) lanes.set(message, lane);
  });
  return [...new Set(lanes.values())].map(({ items }) => items.sort((a, b) => a.index - b.index).map(({ message }) => message));
}

function keysOf(body) {
  try {
    const { contactId, agentId } = JSON.parse(body.toString('utf8'));
    return [contactId && `contact ${contactId}`, agentId && `agent ${agentId}`].filter(Boolean);
  } catch {
    // No JSON: the shim will say so.
    return [];
  }
}
