import { createHash, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { UpcastError } from '../errors.ts';
import { isFromHere, isOurName } from '../observe/admin.ts';
import { fateOf, ladderOf } from '../report/ladder.ts';
import { LADDER_STYLE, ladderToSvg } from '../report/ladder-svg.ts';
import { reasonsOf } from '../report/told-call.ts';
import type { CallTrace } from '../translate/trace.ts';
import type { LetterDesk, ShownLetter } from './desk.ts';
import type { Lookout } from './lookout.ts';
import { markOf } from './lookout.ts';

/** What the console shows of a shim, as it stands. */
export interface ConsoleFacts {
  readonly version: string;
  readonly lookout: Lookout;
  /** Events in and out so far, and what waits. */
  readonly figures: () => object;
  /** The newest dead letters, and how many there are. */
  readonly letters: () => { readonly letters: readonly ShownLetter[]; readonly count: number };
  readonly desk: Pick<LetterDesk, 'redrive'>;
  /** Who has it may redrive; undefined: nobody may. */
  readonly token: string | undefined;
}

/** The page of a shim on its admin port. */
export interface Console {
  /** Answers requests for the console; false for others. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  /** Ends what is sent to those who look. */
  close(): void;
}

const EVERY = 1_000;
/** Calls are told together; milliseconds. */
const CALLS_EVERY = 250;
const MOST_WATCHERS = 20;
/** Who does not read is let go; bytes. */
const MOST_UNREAD = 1 << 20;
const MOST_BODY = 4096;

/** Nothing is loaded from elsewhere, nothing runs that is not the console's own, and no page may frame it. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

/** A console; it reads, and redrives dead letters for who has the token. */
export function createConsole(facts: ConsoleFacts): Console {
  const watchers = new Set<() => void>();
  const send = (response: ServerResponse, status: number, type: string, body: string): void => {
    response.writeHead(status, { ...HEADERS, 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
  };
  const json = (response: ServerResponse, status: number, body: unknown): void =>
    send(response, status, 'application/json', `${JSON.stringify(body)}\n`);

  const refuse = (response: ServerResponse): void => {
    if (facts.token === undefined) json(response, 403, { error: 'address', hint: 'from other machines: set CCC_UPCAST_ADMIN_TOKEN' });
    else {
      response.setHeader('www-authenticate', 'Basic realm="ccc-upcast: any name, the admin token"');
      json(response, 401, { error: 'token' });
    }
  };

  const live = (request: IncomingMessage, response: ServerResponse): void => {
    if (watchers.size >= MOST_WATCHERS) {
      json(response, 503, { error: 'too-many' });
      return;
    }
    response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' });
    const tell = (event: string, data: unknown): void => {
      if (response.writableLength > MOST_UNREAD) response.destroy();
      else response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    };
    const touched = new Set<string>();
    let isNew = true;
    const leave = facts.lookout.watch((mark) => touched.add(mark));
    // Who looks must never end who works: where the state cannot be read for the moment, the page keeps what it has and says so.
    const tellFigures = (): void => {
      try {
        tell('figures', { ...facts.figures(), ...facts.letters(), mayRedrive: facts.token !== undefined });
      } catch (error) {
        tell('trouble', { code: error instanceof UpcastError ? error.code : 'internal' });
      }
    };
    const figures = setInterval(tellFigures, EVERY);
    const calls = setInterval(() => {
      if (touched.size === 0 && !isNew) return;
      isNew = false;
      tell('calls', { calls: facts.lookout.calls(), touched: [...touched] });
      touched.clear();
    }, CALLS_EVERY);
    const end = (): void => {
      clearInterval(figures);
      clearInterval(calls);
      leave();
      watchers.delete(end);
      response.end();
    };
    watchers.add(end);
    request.on('close', end);
    tellFigures();
  };

  const redrive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (facts.token === undefined) json(response, 403, { error: 'read-only' });
    else if (!isToken(request.headers.authorization, facts.token)) json(response, 401, { error: 'token' });
    else {
      const id = Number(await bodyOf(request));
      if (!Number.isSafeInteger(id) || id < 1) json(response, 400, { error: 'id' });
      else json(response, 200, await facts.desk.redrive({ ids: [id] }, false));
    }
  };

  const answer = async (request: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
    switch (`${request.method} ${path}`) {
      case 'GET /':
        return send(response, 200, 'text/html; charset=utf-8', pageOf(facts.version));
      case 'GET /console.js':
        return send(response, 200, 'text/javascript; charset=utf-8', asset('console.js'));
      case 'GET /console.css':
        return send(response, 200, 'text/css; charset=utf-8', `${asset('console.css')}${LADDER_STYLE}`);
      case 'GET /console/live':
        return live(request, response);
      case 'POST /console/find':
        return json(response, 200, { mark: markOf((await bodyOf(request)).trim()) });
      case 'POST /console/redrive':
        return redrive(request, response);
      default: {
        const mark = /^\/console\/calls\/([0-9a-f]{16})$/.exec(path)?.[1];
        const call = mark === undefined ? undefined : facts.lookout.call(mark);
        if (request.method !== 'GET' || call === undefined) return json(response, 404, { error: 'not-found' });
        return json(response, 200, shownCall(call));
      }
    }
  };

  return {
    handle(request, response) {
      const path = (request.url ?? '').split('?')[0] ?? '';
      if (path !== '/' && !/^\/console[./]/.test(path)) return false;
      // A name could lead here by somebody else's doing (DNS rebinding).
      if (!isOurName(request.headers.host)) json(response, 403, { error: 'host', hint: 'open the console by its address' });
      else if (!mayLook(request, facts.token)) refuse(response);
      else {
        void answer(request, response, path).catch(() =>
          response.headersSent ? response.destroy() : json(response, 500, { error: 'internal' }),
        );
      }
      return true;
    },
    close() {
      for (const end of watchers) end();
    },
  };
}

/** A call as the page shows it: its picture, and why its events became what they did. Phone numbers are in neither. */
function shownCall(call: CallTrace): object {
  return {
    contact: call.contact,
    svg: ladderToSvg(ladderOf(call), { title: `Call ${call.contact}: 1.0 on the left, 2.0 on the right`, bare: true }),
    steps: call.steps.map((step) => ({
      type: step.event.type,
      became: step.outputs.map(({ type, kind }) => ({ type, kind })),
      fate: step.outputs.length === 0 ? fateOf(step) : undefined,
      reasons: reasonsOf(step).map(({ text, evidence }) => ({ text, evidence: evidence.map(({ type }) => type) })),
    })),
  };
}

/** Who is on this machine may look; from elsewhere only who has the token: calls and agents are nobody else's business. */
function mayLook(request: IncomingMessage, token: string | undefined): boolean {
  if (isFromHere(request)) return true;
  const { authorization } = request.headers;
  if (token === undefined || authorization === undefined) return false;
  const [scheme = '', value = ''] = authorization.split(' ');
  if (scheme.toLowerCase() !== 'basic') return isToken(authorization, token);
  const password = Buffer.from(value, 'base64')
    .toString('utf8')
    .replace(/^[^:]*:/, '');
  return isToken(`Bearer ${password}`, token);
}

function isToken(header: string | undefined, token: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(header ?? ''), hash(`Bearer ${token}`));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BODY) throw new Error('too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const assets = new Map<string, string>();

/** A file of the page, as the build made it: beside the program, or for who runs the sources. */
function asset(name: string): string {
  const known = assets.get(name);
  if (known !== undefined) return known;
  const places = [`../program/${name}`, `../../dist/program/${name}`].map((path) => new URL(path, import.meta.url));
  const found = places.find((place) => existsSync(place));
  if (found === undefined) throw new Error(`${name} was not built: npm run build`);
  const text = readFileSync(found, 'utf8');
  assets.set(name, text);
  return text;
}

function pageOf(version: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>ccc-upcast console</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/console.css">
<header><h1>ccc-upcast <small>${version}</small></h1><p id="connection" role="status">connecting …</p></header>
<main>
<section id="figures" aria-label="figures"><dl></dl><figure><svg id="rates" viewBox="0 0 600 120" preserveAspectRatio="none" role="img" aria-label="events a second, in and out"></svg>
<figcaption><span class="in">in</span> and <span class="out">out</span>, events a second, last five minutes; the highest: <span id="highest">0</span></figcaption></figure></section>
<section aria-labelledby="endpoints-title"><h2 id="endpoints-title">Endpoints</h2><table id="endpoints"><thead><tr><th>endpoint<th>state<th class="n">waiting<th class="n">lag</tr></thead><tbody></tbody></table></section>
<section aria-labelledby="calls-title"><h2 id="calls-title">Latest calls</h2>
<form id="search"><label>Contact <input name="contact" autocomplete="off" spellcheck="false"></label> <button>Find</button> <span id="found" role="status"></span></form>
<ul id="calls"></ul></section>
<section id="call" aria-labelledby="call-title" hidden><h2 id="call-title" tabindex="-1"></h2><div class="scroll" tabindex="0" aria-label="ladder"></div><ol id="reasons"></ol></section>
<section aria-labelledby="letters-title"><h2 id="letters-title">Dead letters <small id="letter-count"></small></h2>
<form id="token" hidden><label>Admin token <input name="token" type="password" autocomplete="off"></label> <small>needed to redrive; kept until the page is closed</small></form>
<p id="read-only" class="soft">Read-only: set CCC_UPCAST_ADMIN_TOKEN to redrive from here.</p><p id="redriven" role="status"></p><ul id="letters"></ul></section>
</main>
<script src="/console.js"></script>
</html>
`;
}
