import type { Evidence } from '../event/facts.ts';
import { outputId } from '../event/identity.ts';
import type { RecordView } from '../event/record.ts';
import type { Arena, ArenaChunk } from './arena.ts';
import type { OutputKind, OutputLabel } from './label.ts';

/** A 2.0 event as another mapping writes it. */
export interface Form {
  /** Name of the profile. */
  readonly profile: string;
  readonly type: string;
  /** JSON, without a line feed. */
  readonly body: Uint8Array;
}

const NO_FORMS: readonly Form[] = [];

/**
 * One 2.0 event, written and ready: its line is `bytes[start, end)`, with the line feed at the end. A class, since there is one for every
 * event: what many have in common stands in their label.
 */
export class Output {
  /** Type, kind and rule, with their books: one object for all outputs that share them. */
  readonly label: OutputLabel;
  /** Event time, Unix milliseconds. */
  readonly time: number;
  readonly contact: string | undefined;
  readonly agent: string | undefined;
  /** The event that it came from; for a synthesized one, the event that is its evidence. */
  readonly source: RecordView;
  /** What distinguishes it among the outputs of its source: part of its id. */
  readonly tail: string;
  readonly evidence: readonly Evidence[];
  /** The wait ran out: the best-supported reading was taken. */
  readonly waited: boolean;
  /** Where its bytes stand. Who is done with an output may say so (`chunk.live -= 1`), then the memory is used again. */
  readonly chunk: ArenaChunk;
  readonly start: number;
  readonly end: number;
  /** How it looks by other mappings, where that is different. */
  forms: readonly Form[] = NO_FORMS;

  /** The event that was written to the arena last. */
  constructor(
    label: OutputLabel,
    time: number,
    contact: string | undefined,
    agent: string | undefined,
    source: RecordView,
    tail: string,
    evidence: readonly Evidence[],
    waited: boolean,
    arena: Arena,
  ) {
    this.label = label;
    this.time = time;
    this.contact = contact;
    this.agent = agent;
    this.source = source;
    this.tail = tail;
    this.evidence = evidence;
    this.waited = waited;
    this.chunk = arena.chunk;
    this.start = arena.start;
    this.end = arena.at;
    arena.chunk.live += 1;
  }

  /** 2.0 event type. */
  get type(): string {
    return this.label.type;
  }

  get kind(): OutputKind {
    return this.label.kind;
  }

  /** The rule that decided, or the 1.0 event whose mapping did. */
  get rule(): string {
    return this.label.rule;
  }

  get bytes(): Uint8Array {
    return this.chunk.bytes;
  }
}

const decoder = new TextDecoder();

/** The line of an output as text, with the line feed at its end. */
export function outputText(output: Output): string {
  return decoder.decode(output.bytes.subarray(output.start, output.end));
}

/** The deterministic id of an output (semantics, section 5): the same for the same event, whenever and wherever it is translated. */
export function eventId(output: Output): string {
  return outputId(output.source, output.tail);
}

/** The accounts of the books: every input event ends in exactly one. */
export const ACCOUNTS = ['translated', 'dropped', 'setAside', 'duplicates', 'deadLetters'] as const;

/** Name of an account. */
export type Account = (typeof ACCOUNTS)[number];

/** Why an event was not translated although it could be read. */
export type Reason =
  | 'dropped-by-mapping'
  | 'failed-operation'
  | 'duplicate'
  | 'no-type'
  | 'no-time'
  | 'bad-time'
  | 'unknown-type'
  | 'unknown-id';

/**
 * What became of one input event. Outputs may stand with any account: a dropped AgentACW can be the evidence of an AgentRelease.
 * Outcomes come in output order.
 */
export interface Outcome {
  readonly account: Account;
  /** Type of the input event; empty where it has none. */
  readonly type: string;
  readonly reason: Reason | undefined;
  /** For a dead letter, what was wrong, for a person. */
  readonly message: string | undefined;
  readonly record: RecordView;
  /** Event time and input order; outcomes that are not late, nor dead letters, come in this order. */
  readonly time: number;
  readonly seq: number;
  readonly late: boolean;
  /** It was a 2.0 event already. */
  readonly current: boolean;
  /** The call of the event, where it was looked up. */
  readonly contact: string | undefined;
  /** False for an event of another part of the work: it ends in that part's books, and only outputs in calls of this part are told here. */
  readonly home: boolean;
  /** Those in other calls than the event's own come first. */
  readonly outputs: readonly Output[];
  /** Indexes of the record's fields that were left out, by decision or because 2.0 has no place for them; only if asked for. */
  readonly leftOut: readonly number[] | undefined;
}

/** True if one of the outputs stands for the event itself. */
export function hasTranslation(outputs: readonly Output[]): boolean {
  for (const output of outputs) if (output.kind !== 'synthesized') return true;
  return false;
}
