import type { Explanation } from '../explain/explain.ts';
import type { CallTrace, TracedStep } from '../translate/trace.ts';
import { escapeHtml } from './chart.ts';
import { shown } from './figures.ts';
import { hideNumbersIn } from './hide-numbers.ts';
import { fateOf, ladderOf, SIGNS } from './ladder.ts';
import { ladderToSvg } from './ladder-svg.ts';
import { renderPage } from './page.ts';
import { KINDS, placeOf, reasonsOf, stateLine, timeOfDay } from './told-call.ts';

/** Calls as one page: each as a picture, then event by event what came in, what came of it, and why. */
export function explanationToHtml(found: Explanation, showValues: boolean): string {
  const { mapping, inputs } = found;
  const names = inputs.length === 1 ? shown(inputs[0] ?? '') : `${inputs.length} files`;
  const head = `<h1>What became of ${found.calls.length === 1 ? `call ${escapeHtml(shown(found.calls[0]?.contact ?? ''))}` : `${found.calls.length} calls`}</h1>
<p class="soft">${escapeHtml(names)}; mapping ${escapeHtml(`${mapping.name} ${mapping.version}`)}; times are UTC</p>`;
  return renderPage(
    'ccc-upcast explain',
    [head, ...found.calls.map((call, index) => renderCallPart(found, call, `c${index + 1}`, showValues))].join('\n'),
  );
}

/** One call as a part of a page: picture, signs, decisions. `id` is the beginning of the ids of its places in the page. */
export function renderCallPart(found: Explanation, call: CallTrace, id: string, showValues: boolean): string {
  return `${renderPicture(call, id)}
<p class="soft">${signsTold()}</p>
${call.steps.map((step, at) => renderStep(found, call, step, `${id}-${at + 1}`, showValues)).join('\n')}`;
}

function signsTold(): string {
  const kinds = Object.keys(KINDS) as (keyof typeof KINDS)[];
  return [...kinds.map((kind) => `${SIGNS[kind]} ${KINDS[kind]}`), `${SIGNS.none} not sent`].join('; ');
}

/** The picture of a call; a click on a rung leads to the place of its event, `#id-N`, where there is one. */
export function renderPicture(call: CallTrace, id: string | undefined): string {
  const linkOf = id === undefined ? undefined : ({ step }: { readonly step: number }): string => `#${id}-${step + 1}`;
  const svg = ladderToSvg(ladderOf(call), { title: `Call ${shown(call.contact)}: 1.0 on the left, 2.0 on the right`, linkOf });
  return `<div class="scroll">${svg}</div>`;
}

function renderStep(found: Explanation, call: CallTrace, step: TracedStep, id: string, showValues: boolean): string {
  const { event, outputs, leftOut, known, after } = step;
  const became = outputs.map(({ kind, type }) => `${SIGNS[kind]} ${shown(type)}`).join(', ') || `${SIGNS.none} ${fateOf(step)}`;
  const reasons = reasonsOf(step).map(({ text, evidence }) => {
    const links = evidence.map((each) => evidenceLink(found, call, each, id));
    return `<li>${escapeHtml(text)}${links.length === 0 ? '' : ` <span class="soft">evidence:</span> ${links.join(', ')}`}</li>`;
  });
  if (leftOut.length > 0) reasons.push(`<li>left out: ${escapeHtml(leftOut.map(shown).join(', '))}</li>`);
  const states = [
    ['known when it was decided', known],
    ['afterwards', after],
  ] as const;
  const told = states.flatMap(([name, state]) => {
    const line = stateLine(state, showValues);
    return line === undefined ? [] : [`<dt>${name}</dt><dd>${escapeHtml(line)}</dd>`];
  });
  return `<section class="step" id="${id}">
<h3>${timeOfDay(event.time)} ${escapeHtml(shown(event.type))} <small>${escapeHtml(placeOf(found.inputs, event))}</small> ${escapeHtml(became)}</h3>
${reasons.length === 0 ? '' : `<ul>${reasons.join('')}</ul>`}
${told.length === 0 ? '' : `<dl>${told.join('')}</dl>`}
<details><summary>events</summary><pre>${[['1.0', event.text], ...outputs.map((output) => [`2.0 ${output.kind}`, output.text, output.id])]
    .map(
      ([name, text, eventId]) =>
        `${escapeHtml(name ?? '')}${eventId === undefined ? '' : ` ${eventId}`}\n${escapeHtml(pretty(text ?? '', showValues))}`,
    )
    .join('\n\n')}</pre></details>
</section>`;
}

/** Evidence as a link to its event in the page, where it is an event of this call. */
function evidenceLink(
  found: Explanation,
  call: CallTrace,
  at: { readonly type: string; readonly source: number; readonly line: number },
  own: string,
): string {
  const index = call.steps.findIndex(({ event }) => event.source === at.source && event.line === at.line);
  const text = escapeHtml(`${shown(at.type)}, ${placeOf(found.inputs, at)}`);
  return index < 0 ? text : `<a href="#${own.slice(0, own.lastIndexOf('-'))}-${index + 1}">${text}</a>`;
}

function pretty(text: string, showValues: boolean): string {
  const safe = showValues ? text : hideNumbersIn(text);
  try {
    return shownLines(JSON.stringify(JSON.parse(safe), null, 1));
  } catch {
    return shown(safe);
  }
}

/** JSON as it is, line by line; control characters are written as escapes by `JSON.stringify`, the others must not play tricks. */
function shownLines(json: string): string {
  return json.replace(/[\p{Cf}\u2028\u2029]/gu, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
