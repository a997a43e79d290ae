import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';
import { CONTACT, pictureOfLadder } from './measure/picture.ts';

/**
 * `npm run pictures`: draws the pictures of the README from the sample log, with the program as it is. Pages are looked at by Chromium
 * (`apt-get install chromium`).
 */
const ROOT = fileURLToPath(new URL('../', import.meta.url));
const PICTURES = join(ROOT, 'examples/pictures');
const PROGRAM = join(ROOT, 'bin/ccc-upcast.js');
const LOG = 'examples/legacy.ndjson';
const VIEW = { width: 1000, height: 1250 };
/** Events that the shim gets for its picture, so many at once. */
const [EVENTS, AT_ONCE] = [200, 10];

const folder = mkdtempSync(join(tmpdir(), 'ccc-pictures-'));
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  writeFileSync(join(PICTURES, 'ladder.svg'), await pictureOfLadder());
  await pictureOfReport(browser);
  await pictureOfConsole(browser);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}

async function pictureOfReport(by: Browser): Promise<void> {
  const path = join(folder, 'report.html');
  const args = ['convert', LOG, '--ids', 'examples/ids.csv', '-o', join(folder, 'out.ndjson'), '--report', path, '-q'];
  const { status, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const page = await by.newPage({ viewport: VIEW });
  await page.goto(`file://${path}`);
  await page.screenshot({ path: join(PICTURES, 'report.png') });
}

async function pictureOfConsole(by: Browser): Promise<void> {
  const sink = createServer((_, response) => response.writeHead(200).end()).listen(0, '127.0.0.1');
  await once(sink, 'listening');
  const to = `http://127.0.0.1:${(sink.address() as AddressInfo).port}/`;
  const places = ['--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0', '--state', join(folder, 'shim.db')];
  const shim = spawn(process.execPath, [PROGRAM, 'serve', '--forward', to, '--ids', 'examples/ids.csv', ...places], { cwd: ROOT });
  try {
    const { listening, admin } = await addressesOf(shim.stderr);
    const page = await by.newPage({ viewport: VIEW });
    await page.goto(`http://${admin}/`);
    const lines = readFileSync(join(ROOT, LOG), 'utf8').split('\n').slice(0, EVENTS);
    while (lines.length > 0) {
      const body = lines.splice(0, AT_ONCE).join('\n');
      const { status } = await fetch(`http://${listening}/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson' },
        body,
      });
      if (status !== 202) throw new Error(`the shim answered ${status}`);
      await sleep(500);
    }
    await page.locator('#search input').fill(CONTACT);
    await page.keyboard.press('Enter');
    await page.locator('#call svg').waitFor();
    await page.screenshot({ path: join(PICTURES, 'console.png') });
  } finally {
    shim.kill('SIGTERM');
    sink.close();
    sink.closeAllConnections();
  }
}

/** Where a shim listens, as its log says. The log is read to its end: a program whose log nobody takes ends. */
function addressesOf(log: NodeJS.ReadableStream): Promise<Readonly<Record<'listening' | 'admin', string>>> {
  const found = new Map<string, string>();
  return new Promise((resolve) => {
    createInterface({ input: log }).on('line', (line) => {
      const { msg, address } = JSON.parse(line) as { readonly msg: string; readonly address?: string };
      if (address !== undefined) found.set(msg, address);
      const [listening, admin] = [found.get('listening'), found.get('admin')];
      if (listening !== undefined && admin !== undefined) resolve({ listening, admin });
    });
  });
}
