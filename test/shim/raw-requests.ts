import { agentReady } from './support.ts';

/*
 * Data: longer than a file of code may be. What is not here, since Node's parser takes it and does not show it: bare LF before a request
 * line, and `RTSP/1.0` in place of `HTTP/1.0`. Both leave no doubt where a request begins and ends.
 */

/** A request as it goes over the wire, each character one byte. */
export interface RawRequest {
  readonly name: string;
  readonly why: string;
  readonly raw: string;
}

/** Parts of a request that is taken as long as none of them is changed. */
interface Parts {
  readonly line?: string;
  readonly host?: string;
  readonly type?: string;
  readonly length?: string;
  readonly more?: readonly string[];
  readonly body?: string;
}

/** The agents of events that must not get through, and of those that must. */
export const SMUGGLED = 'smuggled';
export const LEGAL = 'legal';

const EVENT = agentReady(SMUGGLED, 0);
const LENGTH = `Content-Length: ${EVENT.length}`;
const CHUNKED = 'Transfer-Encoding: chunked';
const HEX = EVENT.length.toString(16);
const CHUNKS = `${HEX}\r\n${EVENT}\r\n0\r\n\r\n`;

function message(parts: Parts = {}): string {
  const { line = 'POST /events HTTP/1.1', host = 'Host: shim', type = 'Content-Type: application/json', length = LENGTH } = parts;
  const fields = [host, type, length, ...(parts.more ?? [])].filter((field) => field !== '');
  return `${[line, ...fields].join('\r\n')}\r\n\r\n${parts.body ?? EVENT}`;
}

/** A request that would be taken if it were one; what stands before it must not make it one. */
const HIDDEN = message();

const cases = (rows: readonly (readonly [name: string, why: string, sent: Parts | string])[]): readonly RawRequest[] =>
  rows.map(([name, why, sent]) => ({ name, why, raw: typeof sent === 'string' ? sent : message(sent) }));
/** Cases that differ in one field of the head; the content is the event, of the right length. */
const fields = (part: keyof Parts, rows: readonly (readonly [field: string, why: string])[]): readonly RawRequest[] =>
  cases(rows.map(([field, why]) => [field === '' ? `no ${part}` : shown(field), why, { [part]: field }]));
/** Cases of codings, with content that is chunked by the book. */
const codings = (rows: readonly (readonly [field: string, why: string])[]): readonly RawRequest[] =>
  cases(rows.map(([field, why]) => [shown(field), why, { length: field, body: CHUNKS }]));
/** Cases of chunked contents. */
const chunks = (rows: readonly (readonly [name: string, why: string, body: string])[]): readonly RawRequest[] =>
  cases(rows.map(([name, why, body]) => [`chunks: ${name}`, why, { length: CHUNKED, body }]));

function shown(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  return JSON.stringify(short).slice(1, -1);
}

const LENGTHS: readonly RawRequest[] = [
  ...fields('length', [
    [`Content-Length: +${EVENT.length}`, 'a sign is no digit'],
    [`Content-Length: -${EVENT.length}`, 'less than nothing'],
    [`Content-Length: ${EVENT.length},${EVENT.length}`, 'a list of lengths'],
    [`Content-Length: ${EVENT.length}, 0`, 'a list of different lengths'],
    [`Content-Length: ${EVENT.length} 0`, 'two numbers'],
    [`Content-Length: ${EVENT.length}.0`, 'no whole number'],
    [`Content-Length: 1e2`, 'an exponent'],
    [`Content-Length: 0x${HEX}`, 'hexadecimal to some'],
    [`Content-Length: 0${EVENT.length}`, 'octal to some'],
    [`Content-Length: 00000000000000000000${EVENT.length}`, 'octal, or out of range'],
    [`Content-Length: "${EVENT.length}"`, 'quoted'],
    [`Content-Length: ${EVENT.length};a=b`, 'lengths have no parameters'],
    [`Content-Length: ${EVENT.length}_0`, 'digits grouped in some languages'],
    ['Content-Length:', 'no length at all: nothing, or until the end'],
    ['Content-Length: ,', 'an empty list'],
    ['Content-Length: NaN', 'no number'],
    ['Content-Length: 18446744073709551615', 'the last of 64 bits'],
    ['Content-Length: 18446744073709551616', 'zero in 64 bits'],
    [`Content-Length: ${2n ** 64n + BigInt(EVENT.length)}`, 'the right length in 64 bits'],
    [`Content-Length: ${2 ** 32 + EVENT.length}`, 'the right length in 32 bits'],
    [`Content-Length: \x0b${EVENT.length}`, 'a vertical tab is space to some'],
    [`Content-Length: ${EVENT.length}\x0c`, 'a form feed is space to some'],
    [`Content-Length: ${EVENT.length}\x00`, 'ends at NUL to some'],
    [`Content-Length: \xb2${EVENT.length}`, 'a digit of Latin-1'],
    [`Content-Length : ${EVENT.length}`, 'space before the colon'],
    [`Content-Length\t: ${EVENT.length}`, 'tab before the colon'],
    [` Content-Length: ${EVENT.length}`, 'a field, or more of the field before'],
    [`Content Length: ${EVENT.length}`, 'space in the name'],
    [`Content-Length ${EVENT.length}`, 'no colon'],
    [`Content-Length:\r\n ${EVENT.length}`, 'the value on a folded line'],
    [`Content-Length: ${EVENT.length}\r\n 0`, 'more digits on a folded line'],
    [`Content_Length: ${EVENT.length}`, 'a hyphen to some gateways'],
    [`${LENGTH}\r\n${LENGTH}`, 'twice the same'],
    [`${LENGTH}\r\nContent-Length: 0`, 'the second says nothing comes'],
    [`Content-Length: 0\r\n${LENGTH}`, 'the first says nothing comes'],
    [`${LENGTH}\r\ncontent-length: ${EVENT.length + 1}`, 'in two cases, differing'],
    [`${LENGTH}\r\nContent_Length: 0`, 'twice, to gateways that map the underscore'],
  ]),
  ...cases([
    ['content longer than said', 'what is too much, is it the next request?', { length: `Content-Length: ${EVENT.length - 1}` }],
    ['content shorter than said', 'the next request would be taken for content', { length: `Content-Length: ${EVENT.length + 5}` }],
    ['no length, but content', 'content until the end, or the next request', { length: '' }],
    ['length 0, but content', 'the content is the next request', { length: 'Content-Length: 0' }],
    ['a length over the limit', 'it is known at once', { length: 'Content-Length: 262145' }],
    ['a request hidden in content of no length', 'two requests, or one', { length: '', body: HIDDEN }],
    ['a request hidden in content of length 0', 'two requests, or one', { length: 'Content-Length: 0', body: HIDDEN }],
    ['a request hidden in content', 'content that holds a request', { length: `Content-Length: ${HIDDEN.length}`, body: HIDDEN }],
    ['a request hidden behind a few bytes', 'content cut short', { length: 'Content-Length: 3', body: `{}x${HIDDEN}` }],
    ['a request hidden in a GET', 'a GET has content, or none', { line: 'GET /events HTTP/1.1', length: '', body: HIDDEN }],
    [
      'a request hidden in a GET with length',
      'content of a GET is ignored by some',
      { line: 'GET /events HTTP/1.1', body: `${EVENT}${HIDDEN}` },
    ],
    ['a request behind a refused one', 'the connection has ended', { type: 'Content-Type: text/plain', body: `${EVENT}${HIDDEN}` }],
    ['a request behind one with two hosts', 'the connection has ended', { host: 'Host: a\r\nHost: b', body: `${EVENT}${HIDDEN}` }],
    ['a request behind one with Expect', 'the connection has ended', { more: ['Expect: 100-continue'], body: `${EVENT}${HIDDEN}` }],
    ['a request behind CONNECT', 'the bytes of a tunnel', { line: 'CONNECT shim:80 HTTP/1.1', length: '', body: HIDDEN }],
    [
      'a request behind an upgrade',
      'bytes of the other protocol',
      { length: '', more: ['Connection: upgrade', 'Upgrade: websocket'], body: HIDDEN },
    ],
  ]),
];

const CODINGS: readonly RawRequest[] = [
  ...codings([
    [`${LENGTH}\r\n${CHUNKED}`, 'length and chunks'],
    [`${CHUNKED}\r\n${LENGTH}`, 'chunks and length'],
    [`Content-Length: 4\r\n${CHUNKED}`, 'a length of the first line alone'],
    [`Content-Length: 0\r\n${CHUNKED}`, 'no content, and chunks'],
    [`${LENGTH}\r\nTransfer-Encoding: xchunked`, 'an unknown coding, and a length'],
    [`${LENGTH}\r\nTransfer-Encoding: identity`, 'no coding, and a length'],
    [`${LENGTH}\r\nTransfer_Encoding: chunked`, 'chunks to gateways that map the underscore'],
    [`${CHUNKED}\r\nContent_Length: 4`, 'a length to gateways that map the underscore'],
    [`${LENGTH}\r\nTransfer-Encoding:`, 'an empty coding, and a length'],
    ['Transfer-Encoding: gzip, chunked', 'a coding that nobody undoes'],
    ['Transfer-Encoding: chunked, gzip', 'chunks inside another coding'],
    ['Transfer-Encoding: chunked, chunked', 'chunked twice'],
    ['Transfer-Encoding: chunked, identity', 'chunked, or not'],
    ['Transfer-Encoding: identity, chunked', 'an obsolete coding first'],
    ['Transfer-Encoding: identity', 'an obsolete coding'],
    ['Transfer-Encoding: xchunked', 'an unknown coding'],
    ['Transfer-Encoding: chunkedx', 'an unknown coding'],
    ['Transfer-Encoding: x chunked', 'two words'],
    ['Transfer-Encoding: chun ked', 'a word with a gap'],
    ['Transfer-Encoding: "chunked"', 'quoted'],
    ["Transfer-Encoding: 'chunked'", 'quoted'],
    ['Transfer-Encoding: chunked;q=1', 'with a parameter'],
    ['Transfer-Encoding: chunked,', 'a list with an empty end'],
    ['Transfer-Encoding: ,chunked', 'a list with an empty begin'],
    ['Transfer-Encoding:', 'no coding'],
    ['Transfer-Encoding: \x0bchunked', 'a vertical tab is space to some'],
    ['Transfer-Encoding: chunked\x0b', 'a vertical tab is space to some'],
    ['Transfer-Encoding: chunked\x0c', 'a form feed is space to some'],
    ['Transfer-Encoding: chunked\x00', 'ends at NUL to some'],
    ['Transfer-Encoding: \xa0chunked', 'a space of Latin-1'],
    ['Transfer-Encoding: chun\u00b9ked', 'not ASCII'],
    ['Transfer-Encoding: chunked\t', 'a tab behind the value is part of it to some'],
    ['Transfer-Encoding : chunked', 'space before the colon'],
    ['Transfer-Encoding\t: chunked', 'tab before the colon'],
    [' Transfer-Encoding: chunked', 'a field, or more of the field before'],
    ['\tTransfer-Encoding: chunked', 'a field, or more of the field before'],
    ['Transfer Encoding: chunked', 'space in the name'],
    ['Transfer-Encoding:\r\n chunked', 'the value on a folded line'],
    ['Transfer-Encoding: gzip,\r\n chunked', 'a list on a folded line'],
    ['Transfer-Encoding: chunked\r\n , identity', 'more of the list on a folded line'],
    ['X: y\r\n Transfer-Encoding: chunked', 'in a folded line of another field'],
    ['X: y\nTransfer-Encoding: chunked', 'behind a bare LF'],
    ['X: y\rTransfer-Encoding: chunked', 'behind a bare CR'],
    ['X: y\x00\r\nTransfer-Encoding: chunked', 'behind a NUL'],
    ['Transfer-Encoding\x00: chunked', 'NUL in the name'],
    ['Transfer_Encoding: chunked', 'a hyphen to some gateways'],
    [`${CHUNKED}\r\n${CHUNKED}`, 'twice the same'],
    [`${CHUNKED}\r\nTransfer-Encoding: identity`, 'chunked, then not'],
    [`Transfer-Encoding: identity\r\n${CHUNKED}`, 'not, then chunked'],
    [`${CHUNKED}\r\nTransfer-Encoding: x`, 'chunked, then unknown'],
  ]),
  ...cases([
    ['chunks of HTTP/1.0', 'it knows no chunks', { line: 'POST /events HTTP/1.0', length: CHUNKED, body: CHUNKS }],
    [
      'chunks of HTTP/1.0 kept alive',
      'it knows no chunks',
      { line: 'POST /events HTTP/1.0', length: CHUNKED, more: ['Connection: keep-alive'], body: CHUNKS },
    ],
    [
      'a request behind chunks that have a length',
      'the length ends elsewhere',
      { length: `Content-Length: 5\r\n${CHUNKED}`, body: `0\r\n\r\n${HIDDEN}` },
    ],
    [
      'a request behind chunks in gzip',
      'the connection has ended',
      { length: 'Transfer-Encoding: gzip, chunked', body: `${CHUNKS}${HIDDEN}` },
    ],
    ['a request behind chunks of HTTP/1.0', 'old', { line: 'POST /events HTTP/1.0', length: CHUNKED, body: `${CHUNKS}${HIDDEN}` }],
    ['a request behind the last chunk alone', 'no content', { length: CHUNKED, body: `0\r\n\r\n${HIDDEN}` }],
  ]),
];

const TRAILED = (trailer: string): string => `${HEX}\r\n${EVENT}\r\n0\r\n${trailer}\r\n\r\n`;

const CHUNKING: readonly RawRequest[] = chunks([
  ['0x before the size', 'hexadecimal in other words', `0x${HEX}\r\n${EVENT}\r\n0\r\n\r\n`],
  ['plus before the size', 'a sign is no digit', `+${HEX}\r\n${EVENT}\r\n0\r\n\r\n`],
  ['minus before the size', 'less than nothing', `-${HEX}\r\n${EVENT}\r\n0\r\n\r\n`],
  ['space before the size', 'a digit was expected', ` ${HEX}\r\n${EVENT}\r\n0\r\n\r\n`],
  ['no size', 'zero to some', `\r\n${EVENT}\r\n0\r\n\r\n`],
  ['a size in no number', 'no digits', `zz\r\n${EVENT}\r\n0\r\n\r\n`],
  ['an underscore in the size', 'digits grouped in some languages', `${HEX.slice(0, 1)}_${HEX.slice(1)}\r\n${EVENT}\r\n0\r\n\r\n`],
  ['a comma behind the size', 'a list', `${HEX},${HEX}\r\n${EVENT}\r\n0\r\n\r\n`],
  ['two sizes', 'which of them', `${HEX} ${HEX}\r\n${EVENT}\r\n0\r\n\r\n`],
  ['a size over 64 bits', 'the right size in 64 bits', `10000000000000000${HEX}\r\n${EVENT}\r\n0\r\n\r\n`],
  ['a size of 64 bits', 'as long as nobody sends', `ffffffffffffffff\r\n${EVENT}\r\n0\r\n\r\n`],
  ['a size over 32 bits', 'the right size in 32 bits', `1000000${HEX.padStart(3, '0')}\r\n${EVENT}\r\n0\r\n\r\n`],
  ['a size over the limit', 'too long', `40001\r\n${' '.repeat(0x40001)}\r\n0\r\n\r\n`],
  ['NUL behind the size', 'ends at NUL to some', `${HEX}\x00\r\n${EVENT}\r\n0\r\n\r\n`],
  ['bare LF behind the size', 'the line ends, or not', `${HEX}\n${EVENT}\r\n0\r\n\r\n`],
  ['bare CR behind the size', 'the line ends, or not', `${HEX}\r${EVENT}\r\n0\r\n\r\n`],
  ['two CR behind the size', 'the line ends, or not', `${HEX}\r\r\n${EVENT}\r\n0\r\n\r\n`],
  ['bare LF in the extension', 'the line ends, or not', `${HEX};a\nb\r\n${EVENT}\r\n0\r\n\r\n`],
  ['bare CR in the extension', 'the line ends, or not', `${HEX};a\rb\r\n${EVENT}\r\n0\r\n\r\n`],
  ['bare LF in a quoted extension', 'the line ends, or not', `${HEX};a="\n"\r\n${EVENT}\r\n0\r\n\r\n`],
  ['NUL in the extension', 'ends at NUL to some', `${HEX};a\x00b\r\n${EVENT}\r\n0\r\n\r\n`],
  ['an extension that is no token', 'not of the grammar', `${HEX};a@b\r\n${EVENT}\r\n0\r\n\r\n`],
  ['an extension with an open quote', 'the line goes on, or not', `${HEX};a="b\r\n${EVENT}\r\n0\r\n\r\n`],
  ['an extension without semicolon', 'not of the grammar', `${HEX} a=b\r\n${EVENT}\r\n0\r\n\r\n`],
  ['an extension over the limit', 'too long', `${HEX};${'a'.repeat(20_000)}\r\n${EVENT}\r\n0\r\n\r\n`],
  ['longer than said', 'what is too much', `${(EVENT.length - 1).toString(16)}\r\n${EVENT}\r\n0\r\n\r\n`],
  ['shorter than said', 'the line end is content', `${(EVENT.length + 1).toString(16)}\r\n${EVENT}\r\n0\r\n\r\n`],
  ['no line end behind the data', 'where the chunk ends', `${HEX}\r\n${EVENT}0\r\n\r\n`],
  ['bare LF behind the data', 'where the chunk ends', `${HEX}\r\n${EVENT}\n0\r\n\r\n`],
  ['bare CR behind the data', 'where the chunk ends', `${HEX}\r\n${EVENT}\r0\r\n\r\n`],
  ['any two bytes behind the data', 'where the chunk ends', `${HEX}\r\n${EVENT}xx0\r\n\r\n`],
  ['spaces behind the data', 'where the chunk ends', `${HEX}\r\n${EVENT}  \r\n0\r\n\r\n`],
  ['no last chunk', 'it never ends', `${HEX}\r\n${EVENT}\r\n`],
  ['a last chunk without its end', 'it never ends', `${HEX}\r\n${EVENT}\r\n0\r\n`],
  ['a request in place of the last chunk', 'two requests, or one', `${HEX}\r\n${EVENT}\r\n${HIDDEN}`],
  ['bare LF behind the last chunk', 'the line ends, or not', `${HEX}\r\n${EVENT}\r\n0\n\r\n`],
  ['bare LF at the end', 'the line ends, or not', `${HEX}\r\n${EVENT}\r\n0\r\n\n`],
  ['a last chunk with data', 'none was said', `${HEX}\r\n${EVENT}\r\n0\r\nabc`],
  ['no chunks at all', 'content as if it had a length', EVENT],
  ['trailer Content-Length', 'a field that frames, behind the content', TRAILED('Content-Length: 5')],
  ['trailer Transfer-Encoding', 'a field that frames, behind the content', TRAILED('Transfer-Encoding: chunked')],
  ['trailer Host', 'a field that routes, behind the content', TRAILED('Host: other')],
  ['trailer Authorization', 'a field that admits, behind the content', TRAILED('Authorization: Bearer x')],
  ['trailer of any name', 'a field to some, nothing to others', TRAILED('X-Any: y')],
  ['trailer with space before the colon', 'not of the grammar', TRAILED('X : y')],
  ['trailer folded', 'a field, or more of the field before', TRAILED('X: y\r\n z')],
  ['trailer without colon', 'not of the grammar', TRAILED('X')],
  ['trailer with NUL', 'ends at NUL to some', TRAILED('X: a\x00b')],
  ['trailer behind bare LF', 'the line ends, or not', TRAILED('X: y\nZ: z')],
  ['trailers over the limit', 'too long', TRAILED(`X: ${'a'.repeat(20_000)}`)],
  ['a request as trailer', 'two requests, or one', `${HEX}\r\n${EVENT}\r\n0\r\n${HIDDEN}`],
]);

const HOSTS: readonly RawRequest[] = fields('host', [
  ['', 'no host'],
  ['Host:', 'an empty host'],
  ['Host: shim\r\nHost: shim', 'twice the same'],
  ['Host: shim\r\nHost: other', 'two hosts'],
  ['Host: shim\r\nhost: other', 'two hosts in two cases'],
  ['Host: shim\r\nHost:', 'a host and an empty one'],
  ['Host: shim, other', 'a list of hosts'],
  ['Host: shim other', 'two words'],
  ['Host: shim/events', 'with a path'],
  ['Host: shim?a', 'with a query'],
  ['Host: shim#a', 'with a fragment'],
  ['Host: http://shim', 'with a scheme'],
  ['Host: user@shim', 'with a user'],
  ['Host: shim@other', 'one host to some, the other to others'],
  ['Host: shim:80:81', 'two ports'],
  ['Host: shim:port', 'a port that is no number'],
  ['Host: shim:-1', 'a port that is no number'],
  ['Host: shim:123456', 'a port out of range'],
  ['Host: :80', 'a port alone'],
  ['Host: [::1', 'half an address'],
  ['Host: ::1', 'an address, or a port'],
  ['Host: [shim]', 'a name as address'],
  ['Host: shim\\other', 'a backslash is a slash to some'],
  ['Host: sh%69m', 'a name to some, other characters to others'],
  ['Host: sh\xefm', 'not ASCII'],
  ['Host: shim\x00other', 'ends at NUL to some'],
  ['Host: "shim"', 'quoted'],
  ['Host : shim', 'space before the colon'],
  [' Host: shim', 'space before the first field'],
  ['\tHost: shim', 'tab before the first field'],
  ['Host: shim\r\n other', 'more of the host on a folded line'],
  ['Host: shim\r\nX_Host: other', 'an underscore'],
]);

const post = (target: string): string => `POST ${target} HTTP/1.1`;

const TARGETS: readonly RawRequest[] = [
  ...fields('line', [
    [post('http://shim/events'), 'absolute form'],
    [post('http://other/events'), 'absolute form of another host than Host'],
    [post('https://shim/events'), 'absolute form of another scheme'],
    [post('HTTP://shim/events'), 'absolute form in upper case'],
    [post('file:///events'), 'absolute form of no host'],
    [post('shim:80'), 'authority form'],
    [post('*'), 'asterisk form'],
    [post('events'), 'no slash'],
    [post('?/events'), 'a query alone'],
    [post('//events'), 'a host, or an empty segment'],
    [post('//shim/events'), 'a host, or a path'],
    [post('/\\events'), 'a backslash is a slash to some'],
    [post('/events\\'), 'a backslash is a slash to some'],
    [post('/events?\\'), 'a backslash is a slash to some'],
    [post('/events#a'), 'a fragment'],
    [post('/events?#a'), 'a fragment behind a query'],
    [post('/events?a#b'), 'a fragment behind a query'],
    [post('#'), 'a fragment alone'],
    [post('/a/../events'), 'another path once it is shortened'],
    [post('/./events'), 'another path once it is shortened'],
    [post('/events/'), 'with a slash behind'],
    [post('/events;a'), 'with a parameter'],
    [post('/%65vents'), 'another path once it is decoded'],
    [post('/events%00'), 'ends at NUL to some'],
    [post('/events%2f'), 'a slash once it is decoded'],
    [post('/events?a"b'), 'a quote'],
    [post('/events?<a>'), 'not of the grammar'],
    [post('/events?a b'), 'a space in the query'],
    [post('/eve nts'), 'a space in the path'],
    [post('/events\t'), 'a tab behind the target'],
    [post('/events?\xe9'), 'not ASCII'],
    [post('/events\xe9'), 'not ASCII'],
    [post('/events?\x00'), 'ends at NUL to some'],
    [post('/events?\x01'), 'a control character'],
    [post('/events?\x0b'), 'a control character'],
    [post('/events?\x7f'), 'a control character'],
    [post('/events?a\rb'), 'the line ends, or not'],
    [post('/events?a\nb'), 'the line ends, or not'],
    [post(`/events?${'a'.repeat(20_000)}`), 'over the limit'],
    ['POST  HTTP/1.1', 'no target'],
    ['POST HTTP/1.1', 'no target'],
    ['POST /events', 'no version'],
    ['POST /events ', 'no version'],
    ['GET /events', 'HTTP/0.9'],
    ['POST /events HTTP/0.9', 'older than this protocol'],
    ['POST /events HTTP/1.2', 'no such version'],
    ['POST /events HTTP/1.10', 'no such version'],
    ['POST /events HTTP/01.1', 'no such version'],
    ['POST /events HTTP/1', 'half a version'],
    ['POST /events HTTP/1.', 'half a version'],
    ['POST /events HTTP/1,1', 'not of the grammar'],
    ['POST /events HTTP/2.0', 'another protocol'],
    ['POST /events HTTP/2', 'another protocol'],
    ['POST /events HTTP/3.0', 'another protocol'],
    ['POST /events http/1.1', 'lower case'],
    ['POST /events HTTPS/1.1', 'no such protocol'],
    ['SOURCE /events ICE/1.0', 'another protocol'],
    ['ANNOUNCE /events RTSP/1.0', 'another protocol'],
    ['POST /events HTTP/1.1 ', 'a space behind the version'],
    ['POST /events HTTP/1.1 HTTP/1.1', 'two versions'],
    ['POST /events HTTP/1.1\t', 'a tab behind the version'],
    ['POST /events HTTP/1.1\r', 'two CR'],
    ['POST\t/events HTTP/1.1', 'a tab is space to some'],
    ['POST /events\tHTTP/1.1', 'a tab is space to some'],
    ['POST\x0b/events HTTP/1.1', 'a vertical tab is space to some'],
    [' POST /events HTTP/1.1', 'space before the method'],
    ['\x00POST /events HTTP/1.1', 'NUL before the method'],
    ['\xef\xbb\xbfPOST /events HTTP/1.1', 'a byte order mark'],
    ['post /events HTTP/1.1', 'methods have a case'],
    ['Post /events HTTP/1.1', 'methods have a case'],
    ['POSTX /events HTTP/1.1', 'no such method'],
    ['POST/events HTTP/1.1', 'no space'],
    ['PO ST /events HTTP/1.1', 'a space in the method'],
    ['/events HTTP/1.1', 'no method'],
    ['GET /events HTTP/1.1', 'GET with content'],
    ['HEAD /events HTTP/1.1', 'HEAD with content'],
    ['TRACE /events HTTP/1.1', 'TRACE with content'],
    ['OPTIONS * HTTP/1.1', 'OPTIONS with content'],
    ['PUT /events HTTP/1.1', 'another method'],
    ['DELETE /events HTTP/1.1', 'another method'],
    ['PATCH /events HTTP/1.1', 'another method'],
    ['QUERY /events HTTP/1.1', 'another method'],
    ['CONNECT shim:80 HTTP/1.1', 'a tunnel'],
    ['CONNECT /events HTTP/1.1', 'a tunnel to a path'],
    ['PRI * HTTP/2.0', 'the begin of HTTP/2'],
  ]),
  ...cases([
    ['the preface of HTTP/2', 'another protocol', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00'],
    ['a TLS hello', 'another protocol', '\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00\r\n\r\n'],
    ['the header of a proxy', 'another protocol first', `PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n${HIDDEN}`],
    ['an answer', 'no request', `HTTP/1.1 200 OK\r\nHost: shim\r\n${LENGTH}\r\n\r\n${EVENT}`],
    ['a request that starts with a chunk', 'the rest of another', `0\r\n\r\n${HIDDEN}`],
    ['an overriding method', 'POST to some, GET to others', { line: 'GET /events HTTP/1.1', more: ['X-HTTP-Method-Override: POST'] }],
  ]),
];

const control = (code: number): string => `\\x${code.toString(16).padStart(2, '0')}`;
const CONTROLS = [0, 1, 2, 7, 8, 0x0b, 0x0c, 0x0e, 0x1b, 0x1f, 0x7f];

const FIELDS: readonly RawRequest[] = [
  ...fields('type', [
    ['', 'what kind of content'],
    ['Content-Type:', 'an empty type'],
    ['Content-Type: text/plain', 'another type'],
    ['Content-Type: application/xml', 'another type'],
    ['Content-Type: application/jsonx', 'another type'],
    ['Content-Type: application/x-www-form-urlencoded', 'what a form of a page can send'],
    ['Content-Type: multipart/form-data; boundary=a', 'what a form of a page can send'],
    ['Content-Type: application/json, text/plain', 'a list of types'],
    ['Content-Type: text/plain; a=application/json', 'the type in a parameter'],
    ['Content-Type: application/json text/plain', 'two words'],
    ['Content-Type: application /json', 'a gap'],
    ['Content-Type: "application/json"', 'quoted'],
    ['Content-Type: application/json; charset=utf-16', 'another charset'],
    ['Content-Type: application/json; charset=iso-8859-1', 'another charset'],
    ['Content-Type: application/json; charset="utf-7"', 'another charset'],
    ['Content-Type: application/json; charset=utf-8; charset=utf-16', 'two charsets'],
    ['Content-Type: application/json; charset=', 'no charset'],
    ["Content-Type: application/json; charset*=utf-8''utf-16", 'an encoded charset'],
    ['Content-Type: application/json; Charset =utf-16', 'a charset to some'],
    ['Content-Type: application/json\r\nContent-Type: application/json', 'twice the same'],
    ['Content-Type: application/json\r\nContent-Type: text/plain', 'two types'],
    ['Content-Type: text/plain\r\ncontent-type: application/json', 'two types in two cases'],
    ['Content-Type: application/json\r\nContent_Type: text/plain', 'two types to some gateways'],
    ['Content-Type: application/json\r\n ; charset=utf-16', 'a parameter on a folded line'],
  ]),
  ...cases(
    [
      ['Content-Encoding: gzip', 'content in a coding'],
      ['Content-Encoding: br', 'content in a coding'],
      ['Content-Encoding: identity, gzip', 'content in a coding'],
      ['Content-Encoding: aws-chunked', 'chunks in the content'],
      ['Content-Encoding: identity\r\nContent-Encoding: gzip', 'a coding, or none'],
      ['Content-Encoding:', 'an empty coding'],
      ['Expect: 100-continue', 'an answer before the content'],
      ['Expect: 200-ok', 'an unknown wish'],
      ['Expect:', 'an empty wish'],
      ['Upgrade: websocket', 'another protocol'],
      ['Connection: Upgrade\r\nUpgrade: websocket', 'another protocol'],
      ['Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__', 'another protocol'],
      ['Connection: Upgrade\r\nUpgrade: h2c, websocket', 'two other protocols'],
      ['Connection: Upgrade\r\nUpgrade: TLS/1.0', 'another protocol'],
      ['Authorization: Bearer a\r\nAuthorization: Bearer b', 'two proofs'],
      ['X_Forwarded_For: 10.0.0.1', 'a hyphen to some gateways'],
      ['X Y: z', 'space in a name'],
      ['X : y', 'space before the colon'],
      ['X\t: y', 'tab before the colon'],
      [': y', 'no name'],
      ['X', 'no colon'],
      ['X"Y: z', 'no token'],
      ['X(Y): z', 'no token'],
      ['X@Y: z', 'no token'],
      ['X/Y: z', 'no token'],
      ['X[Y]: z', 'no token'],
      ['X{Y}: z', 'no token'],
      ['X\\Y: z', 'no token'],
      ['X;Y: z', 'no token'],
      ['X,Y: z', 'no token'],
      ['X\xe9: y', 'not ASCII'],
      ['X: y\r\n z', 'a folded line'],
      ['X: y\r\n\tz', 'a folded line'],
      ['X: y\r\n \r\nZ: z', 'a folded line of nothing'],
      ['X:\r\n y', 'a folded line'],
      ['X: y\nZ: z', 'a bare LF between fields'],
      ['X: y\rZ: z', 'a bare CR between fields'],
      ['X: y\r\rZ: z', 'bare CR between fields'],
      ['X: y\r\r\nZ: z', 'two CR'],
      ['X: y\n', 'a bare LF, then an end of line'],
      ['X: y\r', 'a bare CR, then an end of line'],
      ['X: y\n\nZ: z', 'the head ends, or not'],
      [`X: ${'a'.repeat(17_000)}`, 'a field over the limit'],
      [`${'X'.repeat(17_000)}: a`, 'a name over the limit'],
      [Array.from({ length: 98 }, (_, index) => `X-${index}: a`).join('\r\n'), '101 fields'],
      [Array.from({ length: 1_200 }, (_, index) => `X${index}: a`).join('\r\n'), '1,203 fields'],
      [Array.from({ length: 3_000 }, () => 'a:').join('\r\n'), '3,003 fields, more than the parser keeps'],
    ].map(([field = '', why = '']) => [shown(field), why, { more: [field] }]),
  ),
  ...cases(CONTROLS.map((code) => [`${control(code)} in a value`, 'a control character', { more: [`X: a${String.fromCharCode(code)}b`] }])),
  ...cases(CONTROLS.map((code) => [`${control(code)} in a name`, 'a control character', { more: [`X${String.fromCharCode(code)}Y: a`] }])),
  ...cases([
    ['a head of bare LF', 'the line ends, or not', message().replaceAll('\r\n', '\n')],
    ['a head of bare CR', 'the line ends, or not', message().replaceAll('\r\n', '\r')],
    ['a head of LF CR', 'the line ends, or not', message().replaceAll('\r\n', '\n\r')],
    ['a bare LF behind the request line', 'the line ends, or not', message().replace('\r\n', '\n')],
    ['a bare LF at the end of the head', 'the head ends, or not', message().replace('\r\n\r\n', '\r\n\n')],
    ['two bare LF at the end of the head', 'the head ends, or not', message().replace('\r\n\r\n', '\n\n')],
    ['a bare CR at the end of the head', 'the head ends, or not', message().replace('\r\n\r\n', '\r\n\r')],
    ['a head without end', 'the head never ends', message({ body: '' }).slice(0, -2)],
    ['half a head', 'the head never ends', 'POST /events HTTP/1.1\r\nHost: sh'],
    ['half a request line', 'the head never ends', 'POST /eve'],
    ['empty lines alone', 'no request', '\r\n\r\n\r\n'],
  ]),
];

/** Requests that are malformed, or that another server may read in another way. */
export const AMBIGUOUS: readonly RawRequest[] = [...LENGTHS, ...CODINGS, ...CHUNKING, ...HOSTS, ...TARGETS, ...FIELDS];

/** Requests that are unusual, and mean one thing only; each holds `events` events of {@link LEGAL}, each its own. */
export interface LegalRequest extends RawRequest {
  readonly events: number;
}

let second = 0;

function legal(name: string, why: string, make: (event: () => string) => string): LegalRequest {
  let events = 0;
  const raw = make(() => {
    second += 1;
    events += 1;
    return agentReady(LEGAL, second);
  });
  return { name, why, raw, events };
}

/** A request with one event in its content. */
function legalWith(name: string, why: string, change: (parts: Required<Parts>) => Parts): LegalRequest {
  return legal(name, why, (event) => {
    const body = event();
    const parts = {
      line: 'POST /events HTTP/1.1',
      host: 'Host: shim',
      type: 'Content-Type: application/json',
      length: `Content-Length: ${body.length}`,
      more: [],
      body,
    };
    return message({ ...parts, ...change(parts) });
  });
}

/** Content in chunks of these sizes, the last one as long as needed; `size` writes a size. */
function chunked(body: string, sizes: readonly number[], size = (length: number): string => length.toString(16)): string {
  let at = 0;
  const parts = [...sizes, body.length].map((length) => {
    const part = body.slice(at, at + length);
    at += length;
    return part;
  });
  return `${parts
    .filter((part) => part !== '')
    .map((part) => `${size(part.length)}\r\n${part}\r\n`)
    .join('')}0\r\n\r\n`;
}

/** Requests that must be taken. */
export const UNUSUAL: readonly LegalRequest[] = [
  legalWith('a usual request', 'to compare', () => ({})),
  legalWith('one byte a chunk', 'sizes are free', ({ body }) => ({ length: CHUNKED, body: chunked(body, Array(body.length).fill(1)) })),
  legalWith('chunks of odd sizes', 'sizes are free', ({ body }) => ({ length: CHUNKED, body: chunked(body, [7, 1, 31, 2]) })),
  legalWith('chunk sizes in upper case', 'digits have no case', ({ body }) => ({
    length: CHUNKED,
    body: chunked(body, [10, 15], (length) => length.toString(16).toUpperCase()),
  })),
  legalWith('chunk sizes with zeros before', 'more digits', ({ body }) => ({
    length: CHUNKED,
    body: chunked(body, [9], (length) => `000${length.toString(16)}`),
  })),
  legalWith('a chunk extension', 'RFC 9112, 7.1.1: to be ignored', ({ body }) => ({
    length: CHUNKED,
    body: chunked(body, [9], (length) => `${length.toString(16)};a=b;c="d e"`),
  })),
  legalWith('Chunked in another case', 'codings have no case', ({ body }) => ({
    length: 'TRANSFER-ENCODING: Chunked',
    body: chunked(body, []),
  })),
  legalWith('a tab before a coding', 'RFC 9112, 5: space around a value is no part of it', ({ body }) => ({
    length: 'Transfer-Encoding:\tchunked',
    body: chunked(body, []),
  })),
  legalWith('names in odd case', 'names have no case', ({ body }) => ({
    host: 'hOST: shim',
    type: 'CONTENT-TYPE: application/json',
    length: `cOnTeNt-LeNgTh: ${body.length}`,
  })),
  legalWith('no space behind the colons', 'it is optional', ({ body }) => ({
    host: 'Host:shim',
    type: 'Content-Type:application/json',
    length: `Content-Length:${body.length}`,
  })),
  legalWith('much space around values', 'it is no part of them', ({ body }) => ({
    host: 'Host: \t shim \t ',
    length: `Content-Length:    ${body.length}   `,
  })),
  legalWith('HTTP/1.0 with a host', 'the version of some gateways', () => ({ line: 'POST /events HTTP/1.0' })),
  legalWith('a query', 'it is not looked at', () => ({ line: "POST /events?a=b&c[]={d}|e'~!$()*,;:@/?%20 HTTP/1.1" })),
  legalWith('an empty query', 'it is not looked at', () => ({ line: 'POST /events? HTTP/1.1' })),
  legalWith('an empty line first', 'RFC 9112, 2.2: left over from an old sender', () => ({ line: '\r\nPOST /events HTTP/1.1' })),
  legalWith('two spaces in the request line', 'RFC 9112, 3: words may be told by any space', () => ({ line: 'POST  /events  HTTP/1.1' })),
  legalWith('a host with a port', 'as all send it', () => ({ host: 'Host: shim.example.com:8210' })),
  legalWith('a host with an empty port', 'RFC 3986, 3.2.3', () => ({ host: 'Host: shim:' })),
  legalWith('an address as host', 'IPv4', () => ({ host: 'Host: 127.0.0.1:8210' })),
  legalWith('an IPv6 address as host', 'in brackets', () => ({ host: 'Host: [::1]:8210' })),
  legalWith('a host with an underscore', 'names of containers have it', () => ({ host: 'Host: call_center' })),
  legalWith('charset UTF-8', 'what is taken anyway', () => ({ type: 'Content-Type: Application/JSON;charset="UTF-8"' })),
  legalWith('another parameter of the type', 'it is ignored', () => ({
    type: 'Content-Type: application/json ; version=1 ; charset=utf-8',
  })),
  legalWith('coding identity', 'none', () => ({ more: ['Content-Encoding: identity'] })),
  legalWith('100 fields', 'the limit', () => ({ more: Array.from({ length: 97 }, (_, index) => `X-${index}: a`) })),
  legalWith('a field of 15 KiB', 'under the limit', () => ({ more: [`X: ${'a'.repeat(15 * 1024)}`] })),
  legalWith('a name of all characters of a token', 'but the underscore', () => ({ more: ["a!#$%&'*+-.^`|~9: b"] })),
  legalWith('a field of no value', 'RFC 9110, 5.5', () => ({ more: ['X:', 'Y: '] })),
  legalWith('a value of Latin-1', 'RFC 9110, 5.5: opaque', () => ({ more: ['X: caf\xe9'] })),
  legalWith('a tab in a value', 'RFC 9110, 5.5', () => ({ more: ['X: a\tb'] })),
  legalWith('Connection: close', 'no other request will come', () => ({ more: ['Connection: close'] })),
  legalWith('space around the event', 'RFC 8259, 2', ({ body }) => {
    const spaced = ` \r\n\t${body}\r\n\r\n`;
    return { length: `Content-Length: ${spaced.length}`, body: spaced };
  }),
  legal('two requests at once', 'RFC 9112, 9.3.2: answered one after another', (event) =>
    [event(), event()].map((body) => message({ length: `Content-Length: ${body.length}`, body })).join(''),
  ),
  legal('a request behind chunks', 'it begins where the chunks end', (event) => {
    const [one, two] = [event(), event()];
    return message({ length: CHUNKED, body: chunked(one, [5]) }) + message({ length: `Content-Length: ${two.length}`, body: two });
  }),
  legal('two requests with an empty line between', 'RFC 9112, 2.2: left over from an old sender', (event) =>
    [event(), event()].map((body) => message({ length: `Content-Length: ${body.length}`, body })).join('\r\n'),
  ),
];
