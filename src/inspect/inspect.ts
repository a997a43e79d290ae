import { contentHash } from '../event/identity.ts';
import { createEventReader } from '../event/read.ts';
import type { BadRecord, RecordView } from '../event/record.ts';
import { releaseRecord } from '../event/record.ts';
import { toldName } from '../event/told-name.ts';
import { createZone } from '../event/zone.ts';
import type { Mapping } from '../mapping/model.ts';
import { isBad } from '../parse/options.ts';
import type { Look } from '../pipeline/read-once.ts';
import { readOnce } from '../pipeline/read-once.ts';
import type { InputSource } from '../source/inputs.ts';
import { expandInputs } from '../source/inputs.ts';
import { CallSurvey } from './calls.ts';
import { mappedField, mappedType } from './coverage.ts';
import { FieldSurvey } from './fields.ts';
import { IdSurvey } from './ids.ts';
import type { Inspection, TypeFound } from './inspection.ts';
import { RepeatSurvey } from './repeats.ts';
import { TimeSurvey } from './times.ts';

/** A log to be looked into. */
export interface InspectJob extends Look {
  readonly inputs: readonly string[];
  readonly mapping: Mapping;
  readonly limit: number | undefined;
}

/** Types told apart; the others count as one. */
const MOST_TYPES = 500;
const OTHERS = '(other types)';
const HOUR = 3_600_000;

interface OneType {
  readonly type: string;
  readonly first: string;
  count: number;
  current: number;
  readonly fields: FieldSurvey;
}

interface Refused {
  count: number;
  readonly first: string;
}

/** Looks into a log in one pass; nothing is written. Errors: those of reading inputs. */
export async function runInspect(job: InspectJob): Promise<Inspection> {
  const started = performance.now();
  const inputs = await expandInputs(job.inputs);
  const survey = new Survey(job, inputs);
  const counter = { bytes: 0 };
  let blanks = 0;
  for await (const portion of readOnce(job, inputs, { notes: counting(counter) })) {
    blanks += portion.blanks;
    for (const item of portion.items) {
      if (job.limit !== undefined && survey.records >= job.limit) break;
      survey.take(item);
    }
    if (job.limit !== undefined && survey.records >= job.limit) break;
  }
  return {
    ...survey.found(),
    inputs: inputs.map(({ name }) => name),
    mapping: { name: job.mapping.name, version: job.mapping.version },
    blanks,
    bytesRead: counter.bytes,
    seconds: (performance.now() - started) / 1000,
  };
}

function counting(all: { bytes: number }): {
  counted(chunks: AsyncIterable<Uint8Array>, counter: { bytes: number }): AsyncIterable<Uint8Array>;
} {
  return {
    async *counted(chunks, counter) {
      for await (const chunk of chunks) {
        all.bytes += chunk.length;
        counter.bytes += chunk.length;
        yield chunk;
      }
    },
  };
}

class Survey {
  records = 0;
  private readonly job: InspectJob;
  private readonly inputs: readonly InputSource[];
  private readonly reader: ReturnType<typeof createEventReader>;
  private readonly zone: ReturnType<typeof createZone>;
  private readonly types = new Map<string, OneType>();
  private readonly refused = new Map<string, Refused>();
  private readonly times = new TimeSurvey();
  private readonly calls = new CallSurvey();
  private readonly repeats = new RepeatSurvey();
  private readonly ids: IdSurvey;

  constructor(job: InspectJob, inputs: readonly InputSource[]) {
    this.job = job;
    this.inputs = inputs;
    this.zone = createZone(job.timeZone);
    this.reader = createEventReader({ ids: job.ids, zone: this.zone, undecidedIsCurrent: false });
    this.ids = new IdSurvey(job.ids);
  }

  take(item: RecordView | BadRecord): void {
    this.records += 1;
    if (isBad(item)) this.refuse(item.code, item);
    else {
      this.takeRecord(item);
      releaseRecord(item);
    }
  }

  found(): Omit<Inspection, 'inputs' | 'mapping' | 'blanks' | 'bytesRead' | 'seconds'> {
    const { job } = this;
    const types = [...this.types.values()].sort((a, b) => b.count - a.count || (a.type < b.type ? -1 : 1));
    return {
      records: this.records,
      types: types.map((found): TypeFound => {
        const { type, first, count, current, fields } = found;
        const told = fields.found().map((field) => ({ ...field, mapped: mappedField(job.mapping, type, field.name) }));
        return { type: toldName(type), first, count, current, mapped: mappedType(job.mapping, type), fields: told };
      }),
      refused: [...this.refused].sort(([, a], [, b]) => b.count - a.count),
      times: this.times.found(),
      ids: this.ids.found(),
      connectIds: this.calls.legs(),
      missing: this.calls.missing(new Set(this.types.keys())),
      repeats: this.repeats.count,
    };
  }

  private takeRecord(record: RecordView): void {
    const kind = this.reader.kind(record);
    if (kind === undefined) {
      this.refuse('no-type', record);
      return;
    }
    const found = this.typeOf(kind.type, record);
    found.count += 1;
    if (this.reader.isCurrent(record, kind)) found.current += 1;
    found.fields.take(record, this.place);
    this.ids.take(record, this.place);
    this.calls.take(record, kind.type);
    this.repeats.take(contentHash(record));
    const time = this.reader.time(record);
    if (typeof time === 'string') this.refuse(time, record);
    else this.times.take(record, time, this.localHour(time));
  }

  private localHour(time: number): number {
    const local = time + this.zone.offsetAt(time);
    return Math.floor((((local % (24 * HOUR)) + 24 * HOUR) % (24 * HOUR)) / HOUR);
  }

  private typeOf(type: string, record: RecordView): OneType {
    const known = this.types.get(type);
    if (known !== undefined) return known;
    const name = this.types.size < MOST_TYPES ? type : OTHERS;
    const found = this.types.get(name) ?? { type: name, first: this.place(record), count: 0, current: 0, fields: new FieldSurvey() };
    this.types.set(name, found);
    return found;
  }

  private refuse(code: string, at: { readonly source: number; readonly line: number; readonly offset: number }): void {
    const found = this.refused.get(code) ?? { count: 0, first: this.place(at) };
    found.count += 1;
    this.refused.set(code, found);
  }

  private readonly place = (at: { readonly source: number; readonly line: number; readonly offset: number }): string =>
    `${this.inputs[at.source]?.name ?? '?'}, line ${at.line}, byte ${at.offset}`;
}
