/** A reference that has no value. */
export interface Unset {
  readonly variable: string;
  /** Text of `${VAR:?text}`. */
  readonly message: string | undefined;
}

const REFERENCE = /\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)(?:(:-|:\?)((?:[^{}]|\{[^{}]*\})*))?\}/g;

/**
 * Replaces `${VAR}`, `${VAR:-default}` and `${VAR:?message}` in a scalar of a config file; `$$` is a dollar sign. What comes in is not
 * looked at again, so a variable's value cannot bring in another one. An unset variable without a default is an error, not an
 * empty text: an empty path or secret is found much later, or never.
 */
export function expandVariables(text: string, env: Readonly<Record<string, string | undefined>>): string | Unset {
  let unset: Unset | undefined;
  const expanded = text.replace(REFERENCE, (whole: string, variable?: string, operator?: string, rest?: string) => {
    if (variable === undefined) return whole.slice(1);
    const value = env[variable];
    if (operator === undefined ? value !== undefined : value !== undefined && value !== '') return value ?? '';
    if (operator === ':-') return rest ?? '';
    unset ??= { variable, message: operator === ':?' ? rest : undefined };
    return '';
  });
  return unset ?? expanded;
}
