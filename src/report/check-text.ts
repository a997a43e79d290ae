import type { Change, MappingDiff } from '../compare/mappings.ts';
import type { Coverage, Share } from './coverage.ts';
import type { Cell } from './figures.ts';
import { formatCount, renderTable, shown } from './figures.ts';
import type { Permuted } from './permute.ts';

/** Fewer are told at once, unless all are asked for. */
const FEW = 5;
const CHANGES_SHOWN = 50;

/** What examples reach, in a few lines; `all`: with everything that they do not. */
export function renderCoverage({ reasons, steps, unnamed }: Coverage, all: boolean): string[] {
  const list = (missed: readonly string[]): string[] => {
    const some = all ? missed : missed.slice(0, FEW);
    const more = missed.length > some.length ? [`  … and ${missed.length - some.length} more: --coverage lists them`] : [];
    return [...some.map((each) => `  not reached: ${each}`), ...more];
  };
  const share = (name: string, { total, missed }: Share): string[] => [
    `${name}: ${total - missed.length} of ${total} reached`,
    ...list(missed),
  ];
  return [
    ...share('reasons of rules', reasons),
    ...share('steps', steps),
    ...(unnamed.length === 0
      ? []
      : [
          `fields of 1.0 that no step names: ${(all ? unnamed : unnamed.slice(0, FEW)).join(', ')}${!all && unnamed.length > FEW ? ', …' : ''}`,
        ]),
  ];
}

/** An example that depends on the order of arrival, for a person. */
export function renderPermuted({ example, order, expected, got }: Permuted): string {
  const list = (lines: readonly string[]): string[] => (lines.length === 0 ? ['    (nothing)'] : lines.map((line) => `    ${line}`));
  return [
    `${example.path}:${example.line}: ${example.title}: other events when they arrive in the order ${order.join(' ')}`,
    '  in the order of the example',
    ...list(expected),
    '  in that order',
    ...list(got),
  ].join('\n');
}

/** What another mapping changes on a log, for a person. */
export function renderMappingDiff({ events, changed, types, fields }: MappingDiff, names: readonly [string, string]): string {
  const table = (title: string, changes: readonly Change[]): string[] => {
    if (changes.length === 0) return [];
    const rows = changes.slice(0, CHANGES_SHOWN).map(({ what, from, to, sample, count, places }): Cell[] => {
      const values = sample === undefined ? [from, to] : [sample.from ?? from, sample.to ?? to];
      return [shown(what), count, ...values.map(shown), shown(places[0] ?? '')];
    });
    const more = changes.length > CHANGES_SHOWN ? [`… and ${changes.length - CHANGES_SHOWN} more`] : [];
    return ['', title, '-'.repeat(title.length), ...renderTable(['', 'events', names[0], names[1], 'first at'], rows), ...more];
  };
  return [
    `${formatCount(events)} events by ${names[0]} and by ${names[1]}: ${changed === 0 ? 'nothing changes' : `${formatCount(changed)} become something else`}`,
    ...table('By 1.0 type', types),
    ...table('By field', fields),
    '',
  ].join('\n');
}
