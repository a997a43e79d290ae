import { parseDuration } from '../mapping/duration.ts';
import { didYouMean } from '../nearest.ts';
import type { OptionSpec } from './options.ts';
import { formatDuration, formatSize, parseCount, parseSize } from './units.ts';

/** A value of any option. */
export type Value = string | number | boolean | readonly string[];

/** Why a text is no value of an option. */
export interface BadValue {
  readonly message: string;
  readonly hint: string;
}

/** The value that a text stands for, or what was expected. */
export function parseValue(option: OptionSpec, text: string): Value | BadValue {
  switch (option.type) {
    case 'text':
      return text === '' ? bad(option, text, `a ${option.value ?? 'text'}`, 'leave the option out to take the default') : text;
    case 'duration':
      return parseDuration(text) ?? bad(option, text, 'a time with its unit', 'such as 500ms, 5s, 90m, 24h or 2d');
    case 'size':
      return parseSize(text) ?? bad(option, text, 'a size with its unit', 'such as 64KiB, 1MiB or 1.5GB');
    case 'count':
      return parseCount(text) ?? bad(option, text, 'a whole number', 'digits only');
    case 'choice':
      return option.choices?.includes(text) === true
        ? text
        : bad(option, text, `one of ${option.choices?.join(', ')}`, choiceHint(option, text));
    case 'list': {
      const items = text.split(/[\s,]+/).filter((each) => each !== '');
      return items.length > 0
        ? items
        : bad(option, text, `at least one ${option.value ?? 'text'}`, 'leave the option out to take the default');
    }
    case 'flag':
      return /^(true|yes|1)$/i.test(text)
        ? true
        : /^(false|no|0)$/i.test(text)
          ? false
          : bad(option, text, 'true or false', 'true switches it on');
  }
}

/** True for a {@link BadValue}. */
export function isBadValue(value: Value | BadValue): value is BadValue {
  return typeof value === 'object' && 'message' in value;
}

/** A value as its option would be written: `5s`, `1MiB`, `true`. */
export function formatValue(option: OptionSpec, value: Value): string {
  if (typeof value === 'object') return value.join(' ');
  if (typeof value !== 'number') return String(value);
  if (option.type === 'duration') return formatDuration(value);
  return option.type === 'size' ? formatSize(value) : String(value);
}

function bad(option: OptionSpec, text: string, expected: string, hint: string): BadValue {
  return { message: `${option.name}: expected ${expected}, got ${JSON.stringify(text)}`, hint };
}

function choiceHint(option: OptionSpec, text: string): string {
  return didYouMean(text, option.choices ?? []);
}
