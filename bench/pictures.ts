import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pictureOfLadder } from './measure/picture.ts';

/**
 * `npm run pictures`: draws the pictures of the README from the sample log, with the program as it is. Pages are looked at by Chromium
 * (`apt-get install chromium`).
 */
const ROOT = fileURLToPath(new URL('../', import.meta.url));
const PICTURES = join(ROOT, 'examples/pictures');

writeFileSync(join(PICTURES, 'ladder.svg'), await pictureOfLadder());
const folder = mkdtempSync(join(tmpdir(), 'ccc-pictures-'));
try {
  const page = join(folder, 'report.html');
  const sample = ['examples/legacy.ndjson', '--ids', 'examples/ids.csv', '-o', join(folder, 'out.ndjson'), '--report', page, '-q'];
  run(process.execPath, [join(ROOT, 'bin/ccc-upcast.js'), 'convert', ...sample]);
  const look = ['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--window-size=1000,1250'];
  run('chromium', [...look, `--screenshot=${join(PICTURES, 'report.png')}`, `file://${page}`]);
} finally {
  rmSync(folder, { recursive: true });
}

function run(command: string, args: readonly string[]): void {
  const { status, error, stderr } = spawnSync(command, args, { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command}: ${error?.message ?? stderr}`);
}
