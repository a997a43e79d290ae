import type { RecordView } from '../event/record.ts';
import { releaseRecord } from '../event/record.ts';
import { toldName } from '../event/told-name.ts';
import type { Mapping } from '../mapping/model.ts';
import { isBad } from '../parse/options.ts';
import type { Look } from '../pipeline/read-once.ts';
import { readOnce } from '../pipeline/read-once.ts';
import { expandInputs } from '../source/inputs.ts';
import type { Translator } from '../translate/api.ts';
import type { Outcome } from '../translate/outcome.ts';
import { outputText } from '../translate/outcome.ts';
import { createTranslator } from '../translate/translator.ts';

/** Two mappings over the same log. */
export interface MappingDiffJob extends Look {
  readonly inputs: readonly string[];
  readonly mapping: Mapping;
  readonly other: Mapping;
  readonly limit: number | undefined;
}

/** One way in which the two differ, with examples. */
export interface Change {
  /** `Type` of 1.0 → what it becomes by the one and by the other; or a field of a 2.0 type. */
  readonly what: string;
  readonly from: string;
  readonly to: string;
  readonly count: number;
  /** Values of the first event, where the change is one of a field; phone numbers are not told. */
  readonly sample: { readonly from: string | undefined; readonly to: string | undefined } | undefined;
  /** Places of the first events, `file, line n`. */
  readonly places: readonly string[];
}

/** What another mapping changes on a log. */
export interface MappingDiff {
  readonly events: number;
  /** Events of which anything changes. */
  readonly changed: number;
  /** Events that become other events, or end in another account. */
  readonly types: readonly Change[];
  /** Fields that come, go or change in events that keep their type. */
  readonly fields: readonly Change[];
}

const PLACES = 3;
/** Changes told apart; types and fields are few, unless the log is odd. */
const MOST_CHANGES = 2000;
const OTHERS = '(others)';
const NONE = '(none)';
const VALUE = 'a value';

/** What one event became. */
interface Became {
  readonly fate: string;
  readonly outputs: readonly { readonly type: string; readonly fields: ReadonlyMap<string, string> }[];
}

/** Translates a log by two mappings side by side. Memory holds only what one of the two has not decided yet. Errors: those of reading inputs. */
export async function diffMappings(job: MappingDiffJob): Promise<MappingDiff> {
  const inputs = await expandInputs(job.inputs);
  const sides = [job.mapping, job.other].map((mapping) => createTranslator({ mapping, ids: job.ids, timeZone: job.timeZone }));
  const [one, other] = sides as [Translator, Translator];
  const tally = new ChangeTally();
  const waiting = new Map<string, readonly [side: number, became: Became]>();
  let events = 0;
  const take = (side: number, outcomes: readonly Outcome[]): void => {
    for (const outcome of outcomes) {
      const { source, line, offset } = outcome.record;
      const key = `${source} ${offset}`;
      const became = becameOf(outcome);
      releaseRecord(outcome.record);
      for (const { chunk } of outcome.outputs) chunk.live -= 1;
      const first = waiting.get(key);
      if (first === undefined) waiting.set(key, [side, became]);
      else {
        waiting.delete(key);
        const [left, right] = first[0] === 0 ? [first[1], became] : [became, first[1]];
        tally.take(outcome.type, left, right, `${inputs[source]?.name ?? '?'}, line ${line}`);
      }
    }
  };
  for await (const { items } of readOnce(job, inputs)) {
    for (const item of items) {
      if (events === job.limit) break;
      if (isBad(item)) continue;
      events += 1;
      // Both let go of it in their own time.
      (item as RecordView).block.live += 1;
      take(0, one.push(item));
      take(1, other.push(item));
    }
    if (events === job.limit) break;
  }
  take(0, one.finish());
  take(1, other.finish());
  return { events, ...tally.found() };
}

function becameOf({ account, reason, outputs }: Outcome): Became {
  return {
    fate: outputs.length > 0 ? outputs.map(({ type }) => toldName(type)).join(' + ') : (reason ?? account),
    outputs: outputs.map((output) => ({ type: output.type, fields: fieldsOf(outputText(output)) })),
  };
}

function fieldsOf(line: string): ReadonlyMap<string, string> {
  const fields = JSON.parse(line) as Readonly<Record<string, unknown>>;
  return new Map(Object.entries(fields).map(([name, value]) => [name, JSON.stringify(value)]));
}

interface OneChange {
  readonly what: string;
  readonly from: string;
  readonly to: string;
  readonly sample: Change['sample'];
  count: number;
  readonly places: string[];
}

class ChangeTally {
  private changed = 0;
  private readonly types = new Map<string, OneChange>();
  private readonly fields = new Map<string, OneChange>();

  take(type: string, one: Became, other: Became, place: string): void {
    let differs = false;
    if (one.fate !== other.fate) {
      differs = true;
      note(this.types, { what: toldName(type), from: one.fate, to: other.fate, sample: undefined }, place);
    } else {
      one.outputs.forEach(({ type: to, fields }, index) => {
        const others = other.outputs[index]?.fields ?? fields;
        for (const name of new Set([...fields.keys(), ...others.keys()])) {
          const [from, now] = [fields.get(name), others.get(name)];
          if (from === now) continue;
          differs = true;
          // By form, not by value: values are as many as calls.
          const [before, after] = [from === undefined ? NONE : VALUE, now === undefined ? NONE : VALUE];
          const sample = { from: from && toldName(from), to: now && toldName(now) };
          note(this.fields, { what: `${toldName(to)}.${toldName(name)}`, from: before, to: after, sample }, place);
        }
      });
    }
    if (differs) this.changed += 1;
  }

  found(): Pick<MappingDiff, 'changed' | 'types' | 'fields'> {
    const sorted = (changes: ReadonlyMap<string, OneChange>): Change[] =>
      [...changes.values()].sort((a, b) => b.count - a.count || (a.what < b.what ? -1 : 1));
    return { changed: this.changed, types: sorted(this.types), fields: sorted(this.fields) };
  }
}

function note(changes: Map<string, OneChange>, found: Pick<OneChange, 'what' | 'from' | 'to' | 'sample'>, place: string): void {
  const { what, from, to } = found;
  const own = `${what} ${from} ${to}`;
  const key = changes.size < MOST_CHANGES || changes.has(own) ? own : OTHERS;
  const change = changes.get(key) ?? { ...found, what: key === OTHERS ? OTHERS : what, count: 0, places: [] };
  change.count += 1;
  if (change.places.length < PLACES) change.places.push(place);
  changes.set(key, change);
}
