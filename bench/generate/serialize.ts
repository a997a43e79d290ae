import { isoTime } from './forms.ts';
import type { Casing, TimeForm } from './options.ts';
import type { Fields, Played, Truth } from './played.ts';

/** Shanghai has had no summer time since 1991. */
const SHANGHAI = 8 * 3_600_000;

/** Texts that stand before a value: the end of a string value, a comma, the key, the start of a string value. */
type Keys = (name: string) => string;

function keyCache(spell: (name: string) => string): Keys {
  const known = new Map<string, string>();
  return (name) => {
    let text = known.get(name);
    if (text === undefined) {
      text = `","${spell(name)}":"`;
      known.set(name, text);
    }
    return text;
  };
}

const asIs = keyCache((name) => name);
const pascal = keyCache((name) => name.slice(0, 1).toUpperCase() + name.slice(1));

/** The members of a JSON object after a string value whose closing quote is still missing, and the end of the object. */
function members(fields: Fields, keys: Keys): string {
  let text = '';
  let open = true;
  for (let i = 0; i < fields.length; i += 2) {
    const value = fields[i + 1];
    if (value === undefined) continue;
    const key = keys(fields[i] as string);
    if (typeof value === 'string') text += (open ? key : key.slice(1)) + value;
    else text += (open ? key.slice(0, -1) : key.slice(1, -1)) + String(value);
    open = typeof value === 'string';
  }
  return `${text}${open ? '"' : ''}}`;
}

/** A moment in one of the forms that 1.0 dumps have. */
export function legacyTime(time: number, form: TimeForm): string {
  switch (form) {
    case 'iso':
      return `"${isoTime(time)}"`;
    case 'local':
      return `"${isoTime(time + SHANGHAI)
        .replace('T', ' ')
        .slice(0, -1)}"`;
    case 'millis':
      return String(time);
  }
}

/** The 1.0 event as a JSON line without its end. */
export function legacyLine(event: Played, form: TimeForm, casing: Casing): string {
  const [time, type] = casing === 'camel' ? ['eventTime', 'eventType'] : ['EventTime', 'EventType'];
  const rest = members(event.fields, casing === 'pascal' ? pascal : asIs);
  return `{"${time}":${legacyTime(event.time, form)},"${type}":"${event.type}${rest}`;
}

/** The same event with its fields in another order: a repeat that only content can tell. */
export function reordered(event: Played): Played {
  const { fields } = event;
  const turn = 2 * Math.floor(fields.length / 4);
  return { ...event, fields: [...fields.slice(turn), ...fields.slice(0, turn)] };
}

/** The 2.0 event as a JSON line without its end. */
export function currentLine(truth: Truth, time: number, instanceId: string): string {
  return `{"eventTime":"${isoTime(time)}","eventType":"${truth.type}","instanceId":"${instanceId}${members(truth.fields, asIs)}`;
}
