/** Seven digits or more, with a separator between two of them at most: a phone number, however it is written. */
const NUMBER = /\+?\d(?:[ ().-]?\d){6,}/g;

/**
 * A name that came with the input, as logs, metrics, messages and reports may tell it: a type, a field, a value. In damaged input a phone
 * number may stand where a name should.
 */
export function toldName(name: string): string {
  return name.replace(NUMBER, '(number)');
}
