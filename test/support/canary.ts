/**
 * No phone number in logs, metrics, messages or reports: whatever the tests make the program say, other than data, is looked through here.
 * `canary-setup.ts` does so within the tests, and what starts the program as a process of its own calls `watch` itself.
 */

/** A phone number that was said where none may be. */
export interface Leak {
  readonly where: string;
  readonly number: string;
  readonly text: string;
}

/** What holds data by design, so that it is not looked through; nothing else is let off. */
export const DATA_BY_DESIGN = {
  'stdout of convert': 'it is the 2.0 stream, where -o names no file',
  'stdout of replay --to': 'it is the 2.0 stream, where --to - says so',
  'stdout of check': 'an example that fails is shown as it was written, and what came of it: it is the own text of who asks',
  'stdout of dead-letters show': 'it shows a record to who asked for it by its number',
  'the files of a conversion': 'output, provenance, dropped and dead letters are made of the events; its report is looked through',
  'the files of a shim': 'state and capture are what it was told; only their owner may read them',
  'the files of a replay': 'a target that is a file, and dead letters, are events; receipts and report are looked through',
  'requests to an endpoint': 'they are the events',
} as const;

/**
 * The forms of the numbers that fixtures and generator use: mobiles, hotlines, lines of the two cities, extensions. A test proves that
 * there are no others. A whole run of digits is one or is none, and what stands behind a decimal point is none.
 */
const NUMBER = /(?<!\d|\d\.)(?:86)?(?:1[3-9]\d{9}|400\d{7}|0571\d{7,8}|0108888\d{4}|8000\d{4})(?!\d)/g;
/** Ids of events and UUIDs are hexadecimal: digits in them say nothing. */
const HEXADECIMAL = /\b(?:[0-9a-f]{32,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b/g;
const SHOWN = 300;

/** Phone numbers of the fixtures in a text. */
export function numbersIn(text: string): readonly string[] {
  return text.replace(HEXADECIMAL, '').match(NUMBER) ?? [];
}

let leaks: Leak[] = [];

/** Looks through something that was said. */
export function watch(where: string, text: string): void {
  for (const number of numbersIn(text)) leaks.push({ where, number, text: excerpt(text, number) });
}

/** Looks through what the admin port of a shim tells, if it still tells anything. */
export async function watchPages(adminUrl: string): Promise<void> {
  for (const page of ['/metrics', '/readyz', '/version']) {
    const text = await fetch(`${adminUrl}${page}`).then(
      (response) => response.text(),
      () => '',
    );
    watch(`${page} of the admin port`, text);
  }
}

/** What was found since the last time. */
export function takeLeaks(): readonly Leak[] {
  const found = leaks;
  leaks = [];
  return found;
}

/** A finding as one line. */
export function tellLeak({ where, number, text }: Leak): string {
  return `the phone number ${number} is told in ${where}: ${text}`;
}

/** True if a command's stdout is data, or shows phone numbers because it was told to. */
export function printsData(args: readonly string[]): boolean {
  const [command = '', what = ''] = args;
  if (args.includes('--show-values')) return true;
  return `stdout of ${command}` in DATA_BY_DESIGN || `stdout of ${command} ${what}` in DATA_BY_DESIGN;
}

function excerpt(text: string, number: string): string {
  const at = text.indexOf(number);
  return text.slice(Math.max(0, at - SHOWN), at + SHOWN).trim();
}
