import type { Form, Output } from '../translate/outcome.ts';

/** An endpoint for which events are kept. */
export interface Taker {
  /** Its number in the outbox. */
  readonly number: number;
  /** Types of 2.0 events that it gets, as its mapping names them; undefined: all. */
  readonly types?: readonly string[] | undefined;
  /** The name of its profile if it has one. */
  readonly profile?: string | undefined;
}

/** Who gets an event, and in which form each; undefined: as it is. No forms: that goes for all. */
export interface Taken {
  readonly endpoints: readonly number[];
  readonly forms: readonly (Form | undefined)[];
}

const MOST_TYPES = 1_000;
const AS_IT_IS: readonly undefined[] = [];

/** Tells who gets an output. */
export function createTakers(takers: readonly Taker[]): (output: Output) => Taken {
  const known = new Map<string, Taken>();
  /** Where all get the same, it depends on the type alone. */
  const asItIs = (type: string): Taken => {
    let taken = known.get(type);
    if (taken === undefined) {
      taken = { endpoints: takers.filter(({ types }) => wants(types, type)).map(({ number }) => number), forms: AS_IT_IS };
      // Types are few, unless somebody makes them up.
      if (known.size > MOST_TYPES) known.clear();
      known.set(type, taken);
    }
    return taken;
  };
  return (output) => {
    const { type, forms } = output;
    if (forms.length === 0) return asItIs(type);
    const taken = takers
      .map(({ number, types, profile }) => ({ number, types, form: forms.find((each) => each.profile === profile) }))
      .filter(({ types, form }) => wants(types, form?.type ?? type));
    return { endpoints: taken.map(({ number }) => number), forms: taken.map(({ form }) => form) };
  };
}

function wants(types: readonly string[] | undefined, type: string): boolean {
  return types === undefined || types.includes(type);
}
