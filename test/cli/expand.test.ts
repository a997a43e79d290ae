// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of variables in config files.
import { describe, expect, it } from 'vitest';
import { expandVariables } from '../../src/cli/expand.ts';

const env = { HOME: '/home/ann', EMPTY: '', NESTED: '${HOME}' };

describe('variables in a config file', () => {
  it.each([
    ['${HOME}/ids.csv', '/home/ann/ids.csv'],
    ['${EMPTY}', ''],
    ['${NONE:-/tmp}/x', '/tmp/x'],
    ['${EMPTY:-full}', 'full'],
    ['${NONE:-}', ''],
    ['${HOME:?where do you live}', '/home/ann'],
    ['price: $$5 and $${HOME}', 'price: $5 and ${HOME}'],
    ['$HOME stays', '$HOME stays'],
    ['${not a name}', '${not a name}'],
  ])('%s becomes %s', (text, expanded) => {
    expect(expandVariables(text, env)).toBe(expanded);
  });

  it('are not looked for in what a variable brings', () => {
    expect(expandVariables('${NESTED}', env)).toBe('${HOME}');
  });

  it('must be set, unless a default is given', () => {
    expect(expandVariables('${NONE}', env)).toEqual({ variable: 'NONE', message: undefined });
    expect(expandVariables('${EMPTY:?give one}', env)).toEqual({ variable: 'EMPTY', message: 'give one' });
  });
});
