import { escapeHtml } from './chart.ts';

/** One check, as build servers show it. */
export interface TestCase {
  /** Group: the file. */
  readonly group: string;
  readonly name: string;
  /** Undefined where it passed. */
  readonly failure: string | undefined;
}

/** Checks as JUnit XML, the form that build servers read (https://github.com/testmoapp/junitxml). */
export function toJunit(suite: string, cases: readonly TestCase[]): string {
  const failed = cases.filter(({ failure }) => failure !== undefined).length;
  const rows = cases.map(({ group, name, failure }) => {
    const open = `    <testcase classname="${attribute(group)}" name="${attribute(name)}"`;
    if (failure === undefined) return `${open}/>`;
    return `${open}>\n      <failure message="${attribute(failure.split('\n')[0] ?? '')}">${attribute(failure)}</failure>\n    </testcase>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites tests="${cases.length}" failures="${failed}">`,
    `  <testsuite name="${attribute(suite)}" tests="${cases.length}" failures="${failed}">`,
    ...rows,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

/** XML 1.0 has no place for most control characters, in whatever form. */
function attribute(text: string): string {
  return escapeHtml(text.replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, (sign) => (/[\t\n\r]/.test(sign) ? sign : '\ufffd')));
}
