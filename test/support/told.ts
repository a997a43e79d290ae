import { expect } from 'vitest';
import type { Evidence } from '../../src/event/facts.ts';
import { createIdTable } from '../../src/event/ids.ts';
import { findImbalances, outputRow } from '../../src/translate/account.ts';
import type { TranslatorOptions } from '../../src/translate/api.ts';
import type { Output } from '../../src/translate/outcome.ts';
import { createTranslator } from '../../src/translate/translator.ts';
import { legacyLines, type ShortOptions } from './call.ts';
import { recordsOf, type Translation, textOf, translate } from './stream.ts';

type Settings = NonNullable<Parameters<typeof translate>[1]>;

/** A 1.0 event in full: `START` + `at` milliseconds, and what else it says. */
export function legacyEvent(type: string, fields: Readonly<Record<string, unknown>> = {}, at = 0): string {
  return JSON.stringify({ EventTime: timeAt(at), EventType: type, ...fields });
}

/** Event time of the first event of {@link told} less one step. */
export const START: number = Date.UTC(2021, 3, 14, 2, 0, 0);

/** `START` + `at` milliseconds, as an event time. */
export function timeAt(at: number): string {
  return new Date(START + at).toISOString();
}

/** A sequence in short as a list. */
export function list(sequence: string): string[] {
  return sequence.split(', ');
}

/** A 2.0 line as an object. */
export function fieldsOf(line: string | undefined): Record<string, unknown> {
  return JSON.parse(line ?? '{}') as Record<string, unknown>;
}

/**
 * An output in short: `+` before what was synthesized, `≠` before what was resolved to another name, the agent, `>` the counterparty,
 * and ` …` behind what was decided because the wait ran out.
 */
export function mark(output: Output): string {
  const { agentId, counterparty } = fieldsOf(textOf(output));
  const isOther = output.kind === 'resolved' && output.type !== output.rule;
  const sign = output.kind === 'synthesized' ? '+' : isOther ? '≠' : '';
  const name = (id: unknown): string => (typeof id === 'string' ? id.replace('@old', '') : '');
  const other = counterparty === undefined ? '' : `>${name(counterparty)}`;
  const who = `${name(agentId)}${other}`;
  return `${sign}${output.type}${who === '' ? '' : ` ${who}`}${output.waited ? ' …' : ''}`;
}

/** What a translation did, in short, after its books were checked. */
export function marks(translation: Translation): string[] {
  expectBalance(translation);
  return translation.outputs.map(mark);
}

/** Translates a short sequence and tells the result in short. */
export async function told(sequence: string, options: ShortOptions & { readonly with?: Settings } = {}): Promise<string[]> {
  return marks(await translate(legacyLines(sequence, options), options.with));
}

/** Translates lines with a mapping that is not a built-in one. */
export async function translateBy(options: TranslatorOptions, lines: Iterable<string>): Promise<Translation> {
  const translator = createTranslator({ ids: createIdTable([]), ...options });
  const outcomes = (await recordsOf(lines)).flatMap((record) => [...translator.push(record)]);
  outcomes.push(...translator.finish());
  const outputs = outcomes.flatMap((outcome) => outcome.outputs);
  return { lines: outputs.map(textOf), outputs, outcomes, translator };
}

/** The books of a finished translation balance, and nothing is held. */
export function expectBalance({ translator, outputs }: Pick<Translation, 'translator' | 'outputs'>): void {
  for (const output of outputs) outputRow(translator.books, output.type).out += 1;
  expect(findImbalances(translator.books)).toEqual([]);
}

/** The output of a type (the n-th, from 0), or a failure that lists what there is. */
export function outputOf(translation: Translation, type: string, index = 0): Output {
  const found = translation.outputs.filter((output) => output.type === type)[index];
  if (found === undefined) throw new Error(`no ${type} (${index}) among ${translation.outputs.map(mark).join(', ')}`);
  return found;
}

/** Evidence in short: `AgentTalk:4` = the AgentTalk in line 4. */
export function cited(evidence: readonly Evidence[]): string[] {
  return evidence.map((each) => `${each.type}:${each.line}`);
}
