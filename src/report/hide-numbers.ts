/** Digits that are left of a phone number, so that two can be told apart. */
const LEFT = 2;
const NUMBER = /^\+?\d(?:[ ().-]?\d){4,}$/;
/** Fields that may hold phone numbers (vendor page 2.0, call form). */
const FIELDS = new Set([
  'caller',
  'callee',
  'broker',
  'destination',
  'counterparty',
  'originator',
  'transferor',
  'initiator',
  'releaseInitiator',
  'dialedNumber',
]);

/** A phone number with all but its last digits hidden; what is none (an agent's id, an extension) stays. */
export function hideNumbers(value: string): string {
  return NUMBER.test(value) ? `…${value.slice(-LEFT)}` : value;
}

/** An event as JSON with its phone numbers hidden; text that is no JSON object is left out as a whole. */
export function hideNumbersIn(json: string): string {
  try {
    const hide = (name: string, value: unknown): unknown => {
      const field = name.charAt(0).toLowerCase() + name.slice(1);
      if (!FIELDS.has(field)) return value;
      return typeof value === 'number' ? hideNumbers(String(value)) : typeof value === 'string' ? hideNumbers(value) : value;
    };
    return JSON.stringify(JSON.parse(json), hide);
  } catch {
    return '';
  }
}
