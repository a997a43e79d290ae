import { toldName } from '../event/told-name.ts';
import type { Outbox } from '../store/outbox.ts';
import { heldOf } from '../translate/account.ts';
import type { Core } from './core-api.ts';
import type { ShownLetter } from './desk.ts';
import type { Forwarder } from './forwarder-api.ts';

const LETTERS_SHOWN = 20;

/** What the console shows in figures: events in and out since the state began, what waits, and for how long. */
export function figuresOf(core: Core, forwarders: readonly Forwarder[], now: () => number): object {
  const input = [...core.translator.books.input.values()];
  const output = [...core.translator.books.output.values()];
  return {
    in: input.reduce((sum, row) => sum + row.in, 0),
    out: output.reduce((sum, row) => sum + row.out, 0),
    held: input.reduce((sum, row) => sum + heldOf(row), 0),
    open: core.translator.unfinished(),
    refusal: core.refusal()?.code ?? null,
    endpoints: forwarders.map(({ name, state }) => {
      const endpoint = core.endpoint(name);
      const [oldest] = core.outbox.pending(endpoint, 0, 1);
      const time = oldest === undefined ? undefined : timeOf(oldest.body);
      return { name, state, waiting: core.outbox.waiting(endpoint), lag: time === undefined ? null : Math.max(0, now() - time) };
    }),
  };
}

/** When an event happened, by itself: the outbox keeps no time of it. Undefined where it does not say. */
function timeOf(body: Uint8Array): number | undefined {
  const text = /"eventTime"\s*:\s*"([^"]+)"/i.exec(Buffer.from(body).toString('utf8'))?.[1];
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? undefined : time;
}

/** The newest dead letters without their bodies. Messages and names that came with the input tell no numbers. */
export function latestLetters(outbox: Outbox): { readonly letters: readonly ShownLetter[]; readonly count: number } {
  const letters = outbox.latestLetters(LETTERS_SHOWN).map(({ body: _, source: __, type, message, ...letter }): ShownLetter => {
    return { ...letter, message: toldName(message), type: type === undefined ? undefined : toldName(type) };
  });
  return { letters, count: outbox.letterCount() };
}
