import { existsSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createIdTable } from '../../src/event/ids.ts';
import { createConsole } from '../../src/shim/console.ts';
import { createLookout, markOf } from '../../src/shim/lookout.ts';
import type { ShimOptions } from '../../src/shim/options.ts';
import type { Sink, TestShim } from '../shim/support.ts';
import { closed, endpoint, folderFor, listening, post, startSink, startTestShim } from '../shim/support.ts';
import { legacyLines } from '../support/call.ts';
import { ROOT } from '../support/example.ts';

/**
 * The console in a real browser. Screenshots lie in `coverage/console`, to be looked at. Without Chromium (`apt-get install chromium`) this
 * is skipped; `.ci/run` installs it.
 */
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));
const SHOTS = join(ROOT, 'coverage/console');
/** An address of this machine under which it looks like another one. */
const OUTSIDE = Object.values(networkInterfaces())
  .flatMap((each) => each ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
const TOKEN = 'a-token-for-the-console';
const START = 'AgentRinging A, Dialing A, Ringing c, AgentTalk A, CallEstablished A, CallEstablished c';
const END = 'CallReleased c @60000, CallReleased A @60400';

let browser: Browser;
let ends: (() => Promise<unknown> | unknown)[] = [];

beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true });
  if (CHROMIUM !== undefined) browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
});
afterAll(() => browser?.close());
afterEach(async () => {
  for (const end of ends.reverse()) await end();
  ends = [];
});

async function start(change: Partial<ShimOptions> = {}): Promise<{ readonly shim: TestShim; readonly sink: Sink }> {
  const sink = await startSink();
  ends.push(() => sink.close());
  const folder = folderFor('console');
  ends.push(() => folder.remove());
  const shim = await startTestShim(folder.path, [endpoint(sink.url, { name: 'new system' })], change);
  ends.push(() => shim.stop());
  return { shim, sink };
}

/** The console, open; whatever goes wrong in the page fails the test, and so does a request to anywhere else. */
async function open(shim: TestShim, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1100, height: 900 }, ...options });
  ends.push(() => context.close());
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/401|404/.test(message.text())) troubles.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(shim.adminUrl) && !request.url().startsWith('data:')) troubles.push(`asked ${request.url()}`);
  });
  ends.push(() => expect(troubles).toEqual([]));
  await page.goto(shim.adminUrl);
  await page.getByText('live', { exact: true }).waitFor();
  return page;
}

const shot = (page: Page, name: string) => page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
const send = (shim: TestShim, sequence: string, contact = '100') => post(shim.url, legacyLines(sequence, { contact }).join('\n'));

describe.skipIf(CHROMIUM === undefined)('the console', { timeout: 60_000 }, () => {
  it('shows a call when it appears, and follows its ladder event by event', async () => {
    const { shim } = await start();
    const page = await open(shim);
    await send(shim, START);
    await page.locator('#calls button').getByText('100', { exact: false }).first().click();
    await page.locator('#call svg').getByText('◆ AgentDialing A').waitFor();
    expect(await page.locator('#call svg').getByText('+ AgentRelease A').count()).toBe(0);
    await send(shim, END);
    await page.locator('#call svg').getByText('+ AgentRelease A').waitFor();
    await page.locator('#reasons').getByText('the agent dialled or talked in the call, and the leg was released').waitFor();
    await shot(page, 'call');
    expect(await page.content()).not.toMatch(/13900000000|01088880100/);
    // Who sees the address does not learn whose call it is.
    expect(new URL(page.url()).hash).toBe(`#call=${markOf('100')}`);
  });

  it('shows what waits for an endpoint that is down, how old it is, and the rates', async () => {
    const { shim, sink } = await start();
    sink.answer = (_got, response) => void response.writeHead(503).end();
    const page = await open(shim);
    await send(shim, START);
    await page.locator('#endpoints').getByText('new system').waitFor();
    await expect.poll(() => page.locator('#endpoints tbody td').nth(2).textContent(), { timeout: 10_000 }).toBe('6');
    expect(await page.locator('#endpoints tbody td').nth(3).textContent()).toMatch(/^\d+\.\d d$/);
    await expect.poll(() => page.locator('#rates .in').getAttribute('d'), { timeout: 10_000 }).toMatch(/^M.+L/);
    expect(await page.locator('#figures dl').textContent()).toContain('in6');
  });

  it('redrives a dead letter for who has the admin token, and for nobody else', async () => {
    const { shim, sink } = await start({ adminToken: TOKEN });
    sink.answer = (_got, response) => void response.writeHead(400).end();
    await send(shim, 'AgentReady A');
    const page = await open(shim);
    const button = page.getByRole('button', { name: 'redrive dead letter 1' });
    await button.waitFor({ timeout: 20_000 });
    await shot(page, 'dead-letter');
    await page.getByLabel('Admin token').fill('not the token');
    await button.click();
    await page.getByText('this is not the admin token').waitFor();
    sink.answer = (_got, response) => void response.writeHead(200).end();
    const before = sink.got.length;
    await page.getByLabel('Admin token').fill(TOKEN);
    await button.click();
    await page.getByText('#1 was redriven').waitFor();
    await sink.until(before + 1);
    await page.locator('#letter-count').getByText('none').waitFor();
  });

  it('only shows where no token is configured', async () => {
    const { shim } = await start();
    await post(shim.url, 'nonsense');
    const page = await open(shim);
    await page.locator('#letters').getByText('bad-json').first().waitFor();
    expect(await page.getByRole('button', { name: /redrive/ }).count()).toBe(0);
    expect(await page.getByText('Read-only').isVisible()).toBe(true);
    const answer = await fetch(`${shim.adminUrl}/console/redrive`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}` },
      body: '1',
    });
    expect(answer.status).toBe(403);
  });

  it('can be worked with the keyboard alone: find a call, read its ladder, choose another', async () => {
    const { shim } = await start();
    const page = await open(shim);
    await send(shim, START, '4711');
    await page.locator('#calls button').first().waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement?.getAttribute("name")')).toBe('contact');
    await page.keyboard.type('4711');
    await page.keyboard.press('Enter');
    await page.locator('#call svg').waitFor();
    expect(await page.evaluate('document.activeElement?.id')).toBe('call-title');
    await send(shim, START, '4712');
    await page.locator('#calls button').nth(1).waitFor();
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await page.locator('#call-title').getByText('Call 4712').waitFor();
    await page.locator('#search input').fill('nobody');
    await page.keyboard.press('Enter');
    await page.getByText('no event of this call was seen').waitFor();
  });

  it.each(['light', 'dark'] as const)('reads well in the %s, and at 360 pixels', async (colorScheme) => {
    const { shim } = await start({ adminToken: TOKEN });
    const page = await open(shim, { colorScheme, viewport: { width: 360, height: 800 } });
    await send(shim, `${START}, ${END}`);
    await page.locator('#calls button').first().click();
    await page.locator('#call svg').getByText('+ AgentRelease A').waitFor();
    const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
    expect(wide).toBeLessThanOrEqual(360);
    const [paper, ink] = await page.evaluate<string[]>(
      '[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]',
    );
    expect(luminance(paper ?? '') > luminance(ink ?? '')).toBe(colorScheme === 'light');
    await shot(page, `360-${colorScheme}`);
  });

  it('says when the shim has gone, and ends with it at once', async () => {
    const { shim } = await start();
    const page = await open(shim);
    const began = performance.now();
    await shim.stop();
    expect(performance.now() - began).toBeLessThan(4000);
    await page.getByText('no connection').waitFor();
    // What the browser says about that is meant.
    page.removeAllListeners('console');
  });
});

describe('the admin port', () => {
  it('answers the console only under an address or localhost: a name could lead here by somebody else’s doing', async () => {
    const { shim } = await start();
    const { port } = new URL(shim.adminUrl);
    const raw = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(Number(port), '127.0.0.1', () =>
        socket.end('GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n'),
      );
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      socket.on('end', () => resolve(text));
      socket.on('error', reject);
    });
    expect(raw).toMatch(/^HTTP\/1\.1 403 /);
  });

  it.skipIf(OUTSIDE === undefined)('shows the console to other machines only with the admin token', async () => {
    const admin = { host: '0.0.0.0', port: 0 };
    const status = async (shim: TestShim, headers: Record<string, string> = {}): Promise<number> =>
      (await fetch(`http://${OUTSIDE}:${shim.admin.port}/`, { headers })).status;
    const basic = (password: string): Record<string, string> => ({
      authorization: `Basic ${Buffer.from(`me:${password}`).toString('base64')}`,
    });
    const { shim: open } = await start({ admin });
    expect(await status(open, basic(TOKEN))).toBe(403);
    const { shim } = await start({ admin, adminToken: TOKEN });
    expect(await status(shim)).toBe(401);
    expect(await status(shim, basic('not the token'))).toBe(401);
    expect(await status(shim, basic(TOKEN))).toBe(200);
    expect(await status(shim, { authorization: `Bearer ${TOKEN}` })).toBe(200);
    expect((await fetch(`http://${OUTSIDE}:${shim.admin.port}/livez`)).status).toBe(200);
  });

  it('goes on telling when the state cannot be read for a moment, and takes nothing down with it', async () => {
    let reads = 0;
    const page = createConsole({
      version: '0.0.0',
      lookout: createLookout({ ids: createIdTable([]), hold: 2000 }),
      figures() {
        reads += 1;
        if (reads < 3) throw new Error('the state is closed');
        return { in: 7 };
      },
      letters: () => ({ letters: [], count: 0 }),
      desk: { redrive: () => Promise.reject(new Error('not here')) },
      token: undefined,
    });
    const server = createServer((request, response) => void page.handle(request, response));
    const port = await listening(server);
    ends.push(() => closed(server));
    const answer = await fetch(`http://127.0.0.1:${port}/console/live`);
    let told = '';
    for await (const chunk of answer.body ?? []) {
      told += Buffer.from(chunk as Uint8Array).toString();
      if (told.includes('"in":7')) page.close();
    }
    expect(told).toMatch(/^event: trouble\ndata: {"code":"internal"}\n\n/);
    expect(told).toContain('event: figures\ndata: {"in":7,');
  });

  it('gives the page a policy that lets in nothing from elsewhere', async () => {
    const { shim } = await start();
    const answer = await fetch(shim.adminUrl);
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await answer.text()).not.toMatch(/https?:\/\/|<style|\son\w+=/);
  });
});

function luminance(color: string): number {
  return (color.match(/\d+/g) ?? []).slice(0, 3).reduce((sum, each) => sum + Number(each), 0);
}
