import { createHmac, timingSafeEqual } from 'node:crypto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { SignedHeaders, SigningKey } from '../../src/deliver/signature.ts';
import { isSigned, parseKey, sign } from '../../src/deliver/signature.ts';

vi.mock('node:crypto', async (original) => {
  const real = await original<typeof import('node:crypto')>();
  return { ...real, timingSafeEqual: vi.fn(real.timingSafeEqual) };
});

/** The vector of the Standard Webhooks libraries. */
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const ID = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
const SECONDS = 1_614_265_330;
const BODY = Buffer.from('{"test": 2432232314}');
const SIGNATURE = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';

const keyOf = (text: string): SigningKey => {
  const key = parseKey(text);
  if (key === undefined) throw new Error('no key');
  return key;
};
const KEY = keyOf(SECRET);
const OTHER = keyOf(`whsec_${Buffer.alloc(24, 7).toString('base64')}`);
const good: SignedHeaders = { id: ID, timestamp: String(SECONDS), signature: SIGNATURE };

function check(change: Partial<SignedHeaders>, { keys = [KEY], body = BODY as Buffer, now = SECONDS } = {}): boolean {
  return isSigned(keys, { ...good, ...change }, body, now);
}

function flipped(bytes: Buffer, bit: number): Buffer {
  const other = Buffer.from(bytes);
  other.writeUInt8(other.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
  return other;
}

describe('the vector of Standard Webhooks', () => {
  it('is what we sign', () => {
    expect(sign([KEY], ID, SECONDS, BODY)).toBe(SIGNATURE);
  });

  it('is what we accept', () => {
    expect(check({})).toBe(true);
  });

  it('is made with the secret as base64, without its prefix', () => {
    expect(parseKey(SECRET.slice('whsec_'.length))).toEqual(KEY);
    expect(KEY.bytes).toEqual(Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64'));
  });
});

describe('a near-miss is no signature', () => {
  it('any one bit of the body', () => {
    const bits = BODY.length * 8;
    for (let bit = 0; bit < bits; bit += 1) expect(check({}, { body: flipped(BODY, bit) }), `bit ${bit}`).toBe(false);
  });

  it('any one bit of the signature', () => {
    const bytes = Buffer.from(SIGNATURE.slice(3), 'base64');
    expect(bytes).toHaveLength(32);
    for (let bit = 0; bit < 256; bit += 1)
      expect(check({ signature: `v1,${flipped(bytes, bit).toString('base64')}` }), `bit ${bit}`).toBe(false);
  });

  it('any one character of the signature, also one that a lenient reader of base64 overlooks', () => {
    const others = [...SIGNATURE].flatMap((own, at) =>
      ['A', 'F', '/', '-', '=', '.'].filter((each) => each !== own).map((each) => SIGNATURE.slice(0, at) + each + SIGNATURE.slice(at + 1)),
    );
    expect(others.filter((signature) => check({ signature }))).toEqual([]);
    for (const signature of [`${SIGNATURE}=`, SIGNATURE.slice(0, -1), `${SIGNATURE}AAAA`, SIGNATURE.replace('+', '-').replaceAll('/', '_')])
      expect(check({ signature }), signature).toBe(false);
  });

  it.each([
    ['another id', { id: 'msg_p5jXN8AQM9LWM0D4loKWxJel' }],
    ['an id that takes the dot with it', { id: `${ID}.` }],
    ['no id', { id: undefined }],
    ['an empty id', { id: '' }],
    ['another second', { timestamp: String(SECONDS + 1) }],
    ['the same second in another spelling', { timestamp: `0${SECONDS}` }],
    ['a time with a fraction', { timestamp: `${SECONDS}.0` }],
    ['a time that is no number', { timestamp: 'now' }],
    ['a negative time', { timestamp: `-${SECONDS}` }],
    ['a time in milliseconds', { timestamp: `${SECONDS}000` }],
    ['no time', { timestamp: undefined }],
    ['no signature', { signature: undefined }],
    ['an empty signature', { signature: '' }],
    ['no prefix', { signature: SIGNATURE.slice(3) }],
    ['the prefix alone', { signature: 'v1,' }],
    ['the prefix of version 2', { signature: SIGNATURE.replace('v1,', 'v2,') }],
    ['the prefix of asymmetric signatures', { signature: SIGNATURE.replace('v1,', 'v1a,') }],
    ['the prefix in upper case', { signature: SIGNATURE.replace('v1,', 'V1,') }],
    ['a tab between signatures', { signature: `v1,AAAA\t${SIGNATURE}` }],
    ['the signature in hexadecimal', { signature: `v1,${Buffer.from(SIGNATURE.slice(3), 'base64').toString('hex')}` }],
  ])('%s', (_name, change) => {
    expect(check(change)).toBe(false);
  });

  it('another key', () => {
    expect(check({}, { keys: [OTHER] })).toBe(false);
  });

  it('no key at all', () => {
    expect(check({}, { keys: [] })).toBe(false);
  });

  it('a signature over another moment or id that is put under this one', () => {
    expect(check({ signature: sign([KEY], ID, SECONDS + 1, BODY) })).toBe(false);
    expect(check({ signature: sign([KEY], `${ID}2`, SECONDS, BODY) })).toBe(false);
  });

  it('a body whose beginning was moved into the time or the id', () => {
    const signature = sign([KEY], 'a.1', SECONDS, Buffer.from('{}'));
    expect(isSigned([KEY], { id: 'a', timestamp: '1', signature }, Buffer.from(`${SECONDS}.{}`), 1)).toBe(true);
    // The content that is signed is the same text; what tells the two apart is the time, which must be about now.
    expect(isSigned([KEY], { id: 'a', timestamp: '1', signature }, Buffer.from(`${SECONDS}.{}`), SECONDS)).toBe(false);
  });
});

describe('the clock of a sender', () => {
  it.each([-300, -299, -1, 0, 1, 299, 300])('may differ by %i s', (seconds) => {
    expect(check({}, { now: SECONDS + seconds })).toBe(true);
  });

  it.each([-86_400, -301, 301, 86_400])('may not differ by %i s', (seconds) => {
    expect(check({}, { now: SECONDS + seconds })).toBe(false);
  });
});

describe('while keys are changed', () => {
  const both = [KEY, OTHER];

  it('a request carries a signature of each, apart by one space, the first key first', () => {
    expect(sign(both, ID, SECONDS, BODY)).toBe(`${SIGNATURE} ${sign([OTHER], ID, SECONDS, BODY)}`);
  });

  it.each([
    ['the old one', [KEY]],
    ['the new one', [OTHER]],
    ['both', both],
  ])('a receiver that knows %s accepts it', (_name, keys) => {
    expect(check({ signature: sign(both, ID, SECONDS, BODY) }, { keys })).toBe(true);
  });

  it('a receiver that knows both accepts a request of either', () => {
    for (const key of both) expect(check({ signature: sign([key], ID, SECONDS, BODY) }, { keys: both })).toBe(true);
  });

  it('signatures that are not understood stand in nobody’s way', () => {
    expect(check({ signature: `v2,x v1,AAAA  v1a,y ${SIGNATURE} rest` })).toBe(true);
  });

  it('a key that was taken away is not accepted any more', () => {
    expect(check({ signature: sign([KEY], ID, SECONDS, BODY) }, { keys: [OTHER] })).toBe(false);
  });
});

describe('a key', () => {
  it.each([
    ['nothing', ''],
    ['the prefix alone', 'whsec_'],
    ['blanks', '   '],
    ['15 bytes', `whsec_${Buffer.alloc(15).toString('base64')}`],
    ['257 bytes', `whsec_${Buffer.alloc(257).toString('base64')}`],
    ['text that is no base64', 'whsec_not base64 at all, but long enough'],
    ['base64 for URLs', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2La-_Sw'],
    ['the prefix twice', `whsec_${SECRET}`],
    ['a public key of asymmetric signatures', 'whpk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
  ])('%s is none', (_name, text) => {
    expect(parseKey(text)).toBeUndefined();
  });

  it.each([16, 24, 64, 256])('%i random bytes are one', (length) => {
    const bytes = Buffer.alloc(length, 0xa5);
    expect(parseKey(`whsec_${bytes.toString('base64')}`)).toEqual({ bytes });
  });

  it('may have a line break behind it: it comes from a file', () => {
    expect(parseKey(`${SECRET}\n`)).toEqual(KEY);
  });
});

it('a signature is over the bytes of the body, whatever they are', () => {
  const body = Buffer.from([0, 0xff, 0xfe, 0x80, 0x2e]);
  const expected = createHmac('sha256', KEY.bytes)
    .update(Buffer.concat([Buffer.from(`${ID}.${SECONDS}.`), body]))
    .digest('base64');
  expect(sign([KEY], ID, SECONDS, body)).toBe(`v1,${expected}`);
});

describe('the comparison', () => {
  beforeEach(() => {
    vi.mocked(timingSafeEqual).mockClear();
  });

  it('takes the same time however much of a signature is right', () => {
    check({});
    check({ signature: SIGNATURE.replace('g0h', 'g0i') });
    expect(timingSafeEqual).toHaveBeenCalledTimes(2);
  });

  it('is made with each key that might be the one', () => {
    check({ signature: sign([OTHER], ID, SECONDS, BODY) }, { keys: [KEY, OTHER] });
    expect(timingSafeEqual).toHaveBeenCalledTimes(2);
  });
});
