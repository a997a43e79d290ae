import type { Explanation } from '../explain/explain.ts';
import type { CallTrace, TracedOutput, TracedStep } from '../translate/trace.ts';
import { shown } from './figures.ts';
import { hideNumbers } from './hide-numbers.ts';
import type { Ladder, Mark, Rung } from './ladder.ts';
import { fateOf, ladderOf, SIGNS } from './ladder.ts';
import { KINDS, placeOf, reasonsOf, stateLine, timeOfDay } from './told-call.ts';

/** How an explanation is printed. */
export interface ExplainTextOptions {
  /** Phone numbers are shown as they are. */
  readonly showValues: boolean;
  /** The state of the call is told after each event. */
  readonly states: boolean;
  /** Gives a mark its colour. */
  readonly paint?: ((mark: Mark, text: string) => string) | undefined;
}

const TIME = 12;
const LEGACY = 25;

/** Calls for a person at a terminal of 80 columns: the ladder first, then each decision. */
export function renderExplanation(found: Explanation, options: ExplainTextOptions): string {
  const sections = found.calls.map((call) => renderCall(found, call, options));
  return `${sections.join('\n\n')}\n`;
}

function renderCall(found: Explanation, call: CallTrace, options: ExplainTextOptions): string {
  const ladder = ladderOf(call);
  const parts = [head(call, found, options), drawn(ladder, call, options), legend(ladder), decisions(found, call, options)];
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function head(call: CallTrace, { mapping }: Explanation, { showValues }: ExplainTextOptions): string[] {
  const state = call.steps.findLast((step) => step.after !== undefined)?.after;
  const outputs = call.steps.flatMap((step) => step.outputs);
  const count = (kind: TracedOutput['kind']): number => outputs.filter((output) => output.kind === kind).length;
  const first = call.steps.find((step) => !Number.isNaN(step.event.time));
  const parties = [state?.caller, state?.callee].map((each) => (each === undefined ? '?' : showValues ? shown(each) : hideNumbers(each)));
  const kinds = (Object.keys(KINDS) as TracedOutput['kind'][]).filter((kind) => count(kind) > 0).map((kind) => `${count(kind)} ${kind}`);
  return [
    `Call ${shown(call.contact)}: ${state?.callType ?? 'call type unknown'}, ${parties.join(' → ')}`,
    `${first === undefined ? 'no time' : new Date(first.event.time).toISOString().slice(0, 10)} (UTC), mapping ${mapping.name} ${mapping.version}`,
    `${call.steps.length} events of 1.0 → ${outputs.length} of 2.0: ${kinds.join(', ') || 'none'}`,
  ];
}

function drawn(ladder: Ladder, call: CallTrace, options: ExplainTextOptions): string[] {
  const { lanes, rungs } = ladder;
  const gap = lanes.length <= 4 ? 3 : 1;
  const header = `${'time'.padEnd(TIME)}  ${'1.0'.padEnd(LEGACY)}  ${lanes.map(({ sign }) => sign).join(' '.repeat(gap))}  2.0`;
  let day = '';
  return [
    ...lanes.map(({ sign, label }) => `  ${sign}  ${shown(label)}`),
    '',
    header,
    ...rungs.flatMap((rung, index) => {
      const date = Number.isNaN(rung.time) ? day : new Date(rung.time).toISOString().slice(0, 10);
      const turn = day !== '' && date !== day ? [`── ${date} ──`] : [];
      day = date;
      const isLast = rungs[index + 1]?.step !== rung.step;
      const state = options.states && isLast ? stateLine(call.steps[rung.step]?.after, options.showValues) : undefined;
      const notes = [rung.note === undefined ? [] : [`⧗ ${rung.note}`], state === undefined ? [] : [`  ${state}`]].flat();
      return [...turn, line(rung, ladder, gap, options), ...notes.map((note) => `${' '.repeat(TIME + 2)}${note}`)];
    }),
  ];
}

function line(rung: Rung, { lanes }: Ladder, gap: number, { paint = plain }: ExplainTextOptions): string {
  const time = rung.legacy === '' ? '' : timeOfDay(rung.time);
  const mark = paint(rung.mark, `${SIGNS[rung.mark]} ${shown(rung.current)}`);
  return `${time.padEnd(TIME)}  ${shown(rung.legacy).padEnd(LEGACY)}  ${rail(rung, lanes.length, gap)}  ${mark}`.trimEnd();
}

function plain(_mark: Mark, text: string): string {
  return text;
}

/** The lanes at one rung: `│` passes by, `●` is where it happens, `▶` or `◀` whom it reaches. */
function rail({ from, to }: Rung, lanes: number, gap: number): string {
  const [low, high] = from === undefined || to === undefined ? [-1, -1] : [Math.min(from, to), Math.max(from, to)];
  let text = '';
  for (let lane = 0; lane < lanes; lane += 1) {
    if (lane === to) text += to > (from ?? 0) ? '▶' : '◀';
    else if (lane === from) text += '●';
    else text += lane > low && lane < high ? '┼' : '│';
    if (lane < lanes - 1) text += (lane >= low && lane < high ? '─' : ' ').repeat(gap);
  }
  return text;
}

function legend({ rungs }: Ladder): string[] {
  const used = (Object.keys(SIGNS) as Mark[]).filter((mark) => rungs.some((rung) => rung.mark === mark));
  return used.map((mark) => `  ${SIGNS[mark]}  ${mark === 'none' ? 'not sent' : KINDS[mark]}`);
}

function decisions(found: Explanation, { steps }: CallTrace, options: ExplainTextOptions): string[] {
  const told = steps.filter(isDecision);
  if (told.length === 0) return [];
  return ['Decisions', '---------', ...told.flatMap((step) => decision(found, step, options))];
}

/** Steps of which there is more to say than that a name was changed. */
function isDecision({ outputs, held, account, late }: TracedStep): boolean {
  return (
    late || held !== undefined || account !== 'translated' || outputs.some(({ kind }) => kind === 'resolved' || kind === 'synthesized')
  );
}

function decision(found: Explanation, step: TracedStep, options: ExplainTextOptions): string[] {
  const { event, leftOut, known } = step;
  const became = step.outputs.map(({ kind, type }) => `${SIGNS[kind]} ${type}`).join(', ') || `${SIGNS.none} ${fateOf(step)}`;
  const lines = reasonsOf(step).flatMap(({ text, evidence }) => [
    text,
    ...evidence.map((each) => `  evidence: ${each.type}, ${placeOf(found.inputs, each)}`),
  ]);
  const state = stateLine(known, options.showValues);
  if (state !== undefined) lines.push(`known then: ${state}`);
  if (leftOut.length > 0) lines.push(`left out: ${leftOut.map(shown).join(', ')}`);
  return [`${placeOf(found.inputs, event)}: ${shown(event.type)} ${became}`, ...lines.map((text) => `  ${text}`)];
}
