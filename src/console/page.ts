/** The script of the console: shows what the shim tells, and asks for a call or a redrive. It loads nothing from elsewhere. */

interface Endpoint {
  readonly name: string;
  readonly state: string;
  readonly waiting: number;
  /** Age of the oldest event that waits, milliseconds; null: none waits. */
  readonly lag: number | null;
}

interface Letter {
  readonly id: number;
  readonly at: number;
  readonly stage: string;
  readonly code: string;
  readonly message: string;
  readonly type?: string;
}

interface Figures {
  readonly in: number;
  readonly out: number;
  readonly held: number;
  readonly open: number;
  readonly refusal: string | null;
  readonly endpoints: readonly Endpoint[];
  readonly letters: readonly Letter[];
  readonly count: number;
  readonly mayRedrive: boolean;
}

interface SeenCall {
  readonly mark: string;
  readonly contact: string;
  readonly events: number;
  readonly outputs: number;
  readonly type: string;
  readonly time: number;
}

interface ShownCall {
  readonly contact: string;
  readonly svg: string;
  readonly steps: readonly {
    readonly type: string;
    readonly became: readonly { readonly type: string; readonly kind: string }[];
    readonly fate?: string;
    readonly reasons: readonly { readonly text: string; readonly evidence: readonly string[] }[];
  }[];
}

const SIGNS: Readonly<Record<string, string>> = { copied: '=', renamed: '→', resolved: '◆', synthesized: '+' };
const KEPT = 300;
const [WIDTH, HEIGHT] = [600, 120];

const rates: { readonly in: number; readonly out: number }[] = [];
let before: { readonly figures: Figures; readonly at: number } | undefined;
let shown = '';

function get<T extends Element = HTMLElement>(selector: string): T {
  const found = document.querySelector<T>(selector);
  if (found === null) throw new Error(`the page has no ${selector}`);
  return found;
}

/** An element with text and other elements in it; text is never read as HTML. */
function make(name: string, attributes: Readonly<Record<string, string>>, ...content: readonly (string | Node)[]): HTMLElement {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...content);
  return element;
}

function showFigures(figures: Figures): void {
  const now = performance.now();
  if (before !== undefined) {
    const seconds = (now - before.at) / 1000;
    rates.push({ in: (figures.in - before.figures.in) / seconds, out: (figures.out - before.figures.out) / seconds });
    if (rates.length > KEPT) rates.shift();
  }
  before = { figures, at: now };
  const last = rates.at(-1);
  const values: readonly (readonly [string, string])[] = [
    ['in', `${figures.in} (${(last?.in ?? 0).toFixed(1)}/s)`],
    ['out', `${figures.out} (${(last?.out ?? 0).toFixed(1)}/s)`],
    ['held', String(figures.held)],
    ['open calls', String(figures.open)],
    ['dead letters', String(figures.count)],
  ];
  get('#figures dl').replaceChildren(...values.map(([name, value]) => make('div', {}, make('dt', {}, name), make('dd', {}, value))));
  drawRates();
  get('#endpoints tbody').replaceChildren(
    ...figures.endpoints.map(({ name, state, waiting, lag }) =>
      make(
        'tr',
        {},
        make('td', {}, name),
        make('td', { class: state === 'closed' ? '' : 'bad' }, state === 'closed' ? 'takes events' : `breaker: ${state}`),
        make('td', { class: 'n' }, String(waiting)),
        make('td', { class: 'n' }, lag === null ? '–' : lagText(lag / 1000)),
      ),
    ),
  );
  get('#connection').textContent = figures.refusal === null ? 'live' : `takes nothing in: ${figures.refusal}`;
  showLetters(figures);
}

/** A time for a person: in the largest unit of which there is more than two. */
function lagText(seconds: number): string {
  const [unit, size] = (
    [
      ['d', 86_400],
      ['h', 3600],
      ['min', 60],
    ] as const
  ).find(([, each]) => seconds >= 2 * each) ?? ['s', 1];
  return `${(seconds / size).toFixed(1)} ${unit}`;
}

function drawRates(): void {
  const most = Math.max(1, ...rates.flatMap((rate) => [rate.in, rate.out]));
  const path = (name: 'in' | 'out'): SVGElement => {
    const element = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    const points = rates.map(
      (rate, index) => `${((index + KEPT - rates.length) / (KEPT - 1)) * WIDTH} ${HEIGHT - 4 - (rate[name] / most) * (HEIGHT - 20)}`,
    );
    element.setAttribute('d', points.length === 0 ? '' : `M${points.join('L')}`);
    element.setAttribute('class', name);
    return element;
  };
  get('#highest').textContent = most.toFixed(0);
  get<SVGElement>('#rates').replaceChildren(path('in'), path('out'));
}

let letters = '';

function showLetters(figures: Figures): void {
  get('#letter-count').textContent = figures.count === 0 ? 'none' : String(figures.count);
  get('#read-only').hidden = figures.mayRedrive;
  get('#token').hidden = !figures.mayRedrive;
  // A list that is made anew loses the focus of who works with it.
  const now = JSON.stringify([figures.letters, figures.mayRedrive]);
  if (now === letters) return;
  letters = now;
  get('#letters').replaceChildren(
    ...figures.letters.map((letter) => {
      const what = make('span', {}, `#${letter.id} ${letter.type ?? ''} ${letter.code}`);
      const item = make('li', {}, what, make('small', {}, letter.message), make('small', {}, new Date(letter.at).toISOString()));
      if (!figures.mayRedrive) return item;
      const button = make('button', { type: 'button', 'aria-label': `redrive dead letter ${letter.id}` }, 'redrive');
      button.addEventListener('click', () => void redrive(letter.id));
      item.append(button);
      return item;
    }),
  );
}

async function redrive(id: number): Promise<void> {
  const token = get<HTMLInputElement>('#token input').value;
  const status = get('#redriven');
  status.textContent = `#${id} …`;
  const response = await fetch('/console/redrive', { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: String(id) });
  if (response.status === 401) status.textContent = 'this is not the admin token';
  else if (!response.ok) status.textContent = `#${id} could not be redriven (${response.status})`;
  else {
    const { sent, rejected, left } = (await response.json()) as { sent: number; rejected: number; left: readonly { why: string }[] };
    status.textContent =
      sent > 0 ? `#${id} was redriven` : rejected > 0 ? `#${id} was refused again` : `#${id} stays: ${left[0]?.why ?? 'it is gone'}`;
  }
}

function showCalls(calls: readonly SeenCall[], touched: readonly string[]): void {
  const list = get('#calls');
  const focused = document.activeElement?.getAttribute('data-mark');
  list.replaceChildren(
    ...calls.map(({ mark, contact, events, outputs, type, time }) => {
      const button = make(
        'button',
        { type: 'button', 'data-mark': mark, 'aria-current': String(mark === shown) },
        contact,
        make('small', {}, `${events} in, ${outputs} out`),
        make('small', {}, `${type} ${Number.isFinite(time) ? new Date(time).toISOString() : ''}`),
      );
      button.addEventListener('click', () => choose(mark));
      return make('li', {}, button);
    }),
  );
  if (focused !== null && focused !== undefined) list.querySelector<HTMLElement>(`[data-mark="${focused}"]`)?.focus();
  if (touched.includes(shown)) void showCall(shown, false);
}

/** The contact itself never stands in the address, where others may see it. */
function choose(mark: string): void {
  location.hash = `call=${mark}`;
}

async function showCall(mark: string, isChosen: boolean): Promise<void> {
  const response = await fetch(`/console/calls/${mark}`);
  const section = get('#call');
  if (mark !== shown) return;
  if (!response.ok) {
    section.hidden = true;
    if (isChosen) get('#found').textContent = 'no event of this call was seen since this page was opened';
    return;
  }
  const call = (await response.json()) as ShownCall;
  section.hidden = false;
  get('#found').textContent = '';
  get('#call-title').textContent = `Call ${call.contact}`;
  const picture = new DOMParser().parseFromString(call.svg, 'image/svg+xml').documentElement;
  get('#call .scroll').replaceChildren(document.importNode(picture, true));
  get('#reasons').replaceChildren(
    ...call.steps.map(({ type, became, fate, reasons }) => {
      const what = became.length === 0 ? `✕ ${fate ?? ''}` : became.map((each) => `${SIGNS[each.kind] ?? ''} ${each.type}`).join(', ');
      const why = reasons.map(({ text, evidence }) => `${text}${evidence.length === 0 ? '' : ` (evidence: ${evidence.join(', ')})`}`);
      return make('li', {}, make('b', {}, `${type} ${what}`), why.length === 0 ? '' : `: ${why.join('; ')}`);
    }),
  );
  if (isChosen) get('#call-title').focus();
}

function follow(): void {
  shown = /^#call=([0-9a-f]{16})$/.exec(location.hash)?.[1] ?? '';
  for (const button of document.querySelectorAll<HTMLElement>('#calls button')) {
    button.setAttribute('aria-current', String(button.getAttribute('data-mark') === shown));
  }
  if (shown === '') get('#call').hidden = true;
  else void showCall(shown, true);
}

async function find(event: Event): Promise<void> {
  event.preventDefault();
  const contact = get<HTMLInputElement>('#search input').value.trim();
  if (contact === '') return;
  const response = await fetch('/console/find', { method: 'POST', body: contact });
  const { mark } = (await response.json()) as { mark: string };
  if (location.hash === `#call=${mark}`) follow();
  else choose(mark);
}

function connect(): void {
  const source = new EventSource('/console/live');
  source.addEventListener('figures', (event) => showFigures(JSON.parse((event as MessageEvent<string>).data) as Figures));
  source.addEventListener('calls', (event) => {
    const { calls, touched } = JSON.parse((event as MessageEvent<string>).data) as { calls: SeenCall[]; touched: string[] };
    showCalls(calls, touched);
  });
  source.addEventListener('trouble', (event) => {
    const { code } = JSON.parse((event as MessageEvent<string>).data) as { readonly code: string };
    get('#connection').textContent = `the state cannot be read: ${code}`;
  });
  source.addEventListener('error', () => {
    get('#connection').textContent = 'no connection: the shim has stopped, or cannot be reached; trying again';
    before = undefined;
  });
}

get('#search').addEventListener('submit', (event) => void find(event));
get('#token').addEventListener('submit', (event) => event.preventDefault());
addEventListener('hashchange', follow);
connect();
follow();
