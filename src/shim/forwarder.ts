import { createRateLimit } from '../deliver/rate.ts';
import { createSender } from '../deliver/sender.ts';
import type { Sender, SenderHooks } from '../deliver/sender-api.ts';
import type { Outbox, PendingDelivery } from '../store/outbox.ts';
import { DAMAGED } from '../store/outbox.ts';
import type { Forwarder, ForwarderOptions } from './forwarder-api.ts';

/** Events in memory: enough to keep all connections busy while the others rest on disk. */
const WINDOW = 2_000;

/** A forwarder; it begins when it is woken. */
export function createForwarder(options: ForwarderOptions): Forwarder {
  const { endpoint, name, change, now, watch } = options;
  let loaded = 0;
  let isMore = true;
  /** It becomes a dead letter, and those behind it go on: the gap shows. */
  const setAside = (row: PendingDelivery, code: string, message: string, detail = code): void => {
    const { event, key, type, contact, agent, place, body } = row;
    watch.dead(row, code, detail);
    const letter = { stage: 'deliver', code, message, at: now(), body, endpoint: name, event, key, type, contact, agent, place } as const;
    change((outbox) => {
      outbox.dead(letter);
      outbox.settled(endpoint, event);
    });
  };
  const load = (sender: Sender<PendingDelivery>): void => {
    if (!isMore || sender.size > WINDOW / 2) return;
    const rows = options.outbox().pending(endpoint, loaded, WINDOW - sender.size);
    isMore = rows.length === WINDOW - sender.size;
    for (const row of rows) {
      loaded = row.event;
      if (row.isDamaged) setAside(row, DAMAGED, 'the event is not as it was saved');
      else sender.add(row);
    }
  };
  const hooks: SenderHooks<PendingDelivery> = {
    more: () => load(sender),
    delivered: ({ event }) => change((outbox) => outbox.settled(endpoint, event)),
    again: ({ event }, attempts, due) => change((outbox) => outbox.failed(endpoint, event, attempts, due)),
    dead: (row, code, detail) => setAside(row, code, `${name} answered ${detail}`, detail),
    disabled: (isDisabled) => change((outbox: Outbox) => outbox.disable(endpoint, isDisabled)),
    attempt: watch.attempt,
    state: watch.state,
  };
  const sender: Sender<PendingDelivery> = createSender({
    ...options,
    rate: options.rate === undefined ? undefined : { limit: createRateLimit(options.rate), of: 'requests' },
    hooks,
  });
  return {
    name,
    wake() {
      isMore = true;
      sender.pump();
    },
    again(row) {
      // One further on comes with the others.
      if (row.event > loaded) return;
      sender.add(row);
      sender.pump();
    },
    resume: sender.resume,
    get state() {
      return sender.state;
    },
    stop: sender.stop,
  };
}
