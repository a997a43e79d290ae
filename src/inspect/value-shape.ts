/** What a value looks like. */
export const SHAPES = [
  'number', 'digits', 'phone number', 'uuid', 'id@domain', 'list', 'time', 'url', 'word', 'text', 'true or false', 'object', 'array',
] as const; // biome-ignore format: a list

/** See {@link SHAPES}. */
export type ShapeName = (typeof SHAPES)[number];

const PATTERNS: readonly (readonly [ShapeName, RegExp])[] = [
  ['time', /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/],
  ['uuid', /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i],
  ['url', /^[a-z][a-z0-9+.-]*:\/\//i],
  ['list', /^[^,\s]+(?:,[^,\s]+)+$/],
  ['id@domain', /^[^@\s]+@[^@\s]+$/],
  // Chinese numbers: mobile, landline with its area code, service numbers; or with a country code.
  ['phone number', /^(?:\+\d{7,15}|1[3-9]\d{9}|0\d{9,11}|[48]00\d{7})$/],
  ['digits', /^\d+$/],
  ['word', /^\p{L}[\p{L}\d_.-]{0,31}$/u],
];

/** The shape of a JSON value: its text where it is a string, else its first byte decides. */
export function shapeOf(first: number, text: string): ShapeName {
  switch (first) {
    case 0x22:
      return PATTERNS.find(([, pattern]) => pattern.test(text))?.[0] ?? 'text';
    case 0x7b:
      return 'object';
    case 0x5b:
      return 'array';
    case 0x74:
    case 0x66:
      return 'true or false';
    default:
      return 'number';
  }
}

/** True for values that may be told: single words and numbers too short to call, in case they are few. */
export function mayBeTold(shape: ShapeName, text: string): boolean {
  return shape === 'word' || shape === 'true or false' || (text.length <= 4 && (shape === 'digits' || shape === 'number'));
}
