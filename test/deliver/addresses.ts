/** An address that nothing may be sent to by default. */
export interface Refused {
  /** As a URL and a resolver write it in the end. */
  readonly address: string;
  readonly reason: string;
  /** Hosts of URLs that are this address. */
  readonly hosts: readonly string[];
}

/** By reason; of each range the first and the last address, or what lies at it: those are where a mask goes wrong. */
const IPV4: Readonly<Record<string, readonly string[]>> = {
  unspecified: ['0.0.0.0', '0.0.0.1', '0.255.255.255'],
  loopback: ['127.0.0.0', '127.0.0.1', '127.1.2.3', '127.255.255.255'],
  private: ['10.0.0.0', '10.255.255.255', '172.16.0.0', '172.31.255.255', '192.168.0.0', '192.168.255.255'],
  // 100.100.100.200 answers for the metadata of Alibaba Cloud, 169.254.169.254 for those of most others.
  carrierGradeNat: ['100.64.0.0', '100.100.100.200', '100.127.255.255'],
  linkLocal: ['169.254.0.0', '169.254.169.254', '169.254.170.2', '169.254.255.255'],
  multicast: ['224.0.0.0', '239.255.255.255'],
  reserved: [
    '192.0.0.0',
    '192.0.0.192',
    '192.0.2.0',
    '192.0.2.255',
    '192.88.99.1',
    '198.18.0.0',
    '198.19.255.255',
    '198.51.100.0',
    '203.0.113.255',
    '240.0.0.0',
    '255.255.255.254',
  ],
  broadcast: ['255.255.255.255'],
  metadata: ['168.63.129.16'],
};

/** By reason; the address as a URL writes it, and its other spellings. */
const IPV6: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  unspecified: { '::': ['0::', '::0', '0:0:0:0:0:0:0:0', '0000:0000:0000:0000:0000:0000:0000:0000', '::0.0.0.0'] },
  loopback: { '::1': ['0::1', '0:0:0:0:0:0:0:1', '0000:0000:0000:0000:0000:0000:0000:0001', '::0.0.0.1'] },
  uniqueLocal: {
    'fc00::': ['FC00::', 'fc00:0:0:0:0:0:0:0'],
    'fd00:ec2::254': ['FD00:EC2::254', 'fd00:0ec2:0:0:0:0:0:0254'],
    'fd20:ce::254': ['fd20:00ce::0254'],
    'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff': ['FDFF:FFFF:FFFF:FFFF:FFFF:FFFF:255.255.255.255'],
  },
  linkLocal: { 'fe80::1': ['FE80::1', 'fe80:0::0:1'], 'fe80::a9fe:a9fe': ['fe80::169.254.169.254'], 'febf:ffff::1': ['FEBF:ffff:0::1'] },
  deprecatedSiteLocal: { 'fec0::1': ['FEC0::1'], 'feff::1': ['feff:0::1'] },
  multicast: { 'ff00::': ['FF00::'], 'ff02::1': ['FF02:0::1'], 'ffff::ffff': ['FFFF:0::FFFF'] },
  // An IPv4 address in IPv6 clothes: whatever stands inside, nobody writes a machine that is meant in this way.
  ipv4Mapped: {
    '::ffff:7f00:1': ['::ffff:127.0.0.1', '::FFFF:127.0.0.1', '0:0:0:0:0:ffff:127.0.0.1', '0000::ffff:7f00:0001'],
    '::ffff:a00:1': ['::ffff:10.0.0.1', '::FFFF:0A00:0001'],
    '::ffff:a9fe:a9fe': ['::ffff:169.254.169.254', '0::FFFF:A9FE:A9FE'],
    '::ffff:0:0': ['::ffff:0.0.0.0', '0::ffff:0:0'],
    '::ffff:808:808': ['::ffff:8.8.8.8'],
  },
  // The form before the mapped one (RFC 4291, section 2.5.5.1).
  reserved: {
    '::7f00:1': ['::127.0.0.1', '0::127.0.0.1', '0:0:0:0:0:0:7F00:1'],
    '::a00:1': ['::10.0.0.1', '::0a00:0001'],
    '::a9fe:a9fe': ['::169.254.169.254', '0:0::A9FE:A9FE'],
    '::808:808': ['::8.8.8.8'],
    '::2': ['0::2'],
    // Documentation, and what the register of IPv6 keeps for special protocols or has not given out.
    '2001:db8::1': ['2001:DB8::1', '2001:0db8:0::1'],
    '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff': ['2001:DB8:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF'],
    '3fff::1': ['3FFF::1'],
    '2001:1::1': ['2001:0001::1'],
    '4000::1': ['4000:0::1'],
    '64:ff9b:2::7f00:1': ['64:FF9B:2::127.0.0.1'],
    'fe00::1': ['FE00::1'],
  },
  rfc6145: { '::ffff:0:7f00:1': ['::ffff:0:127.0.0.1', '::FFFF:0:7F00:1'] },
  rfc6052: {
    '64:ff9b::7f00:1': ['64:ff9b::127.0.0.1', '64:FF9B::7F00:1', '0064:ff9b:0:0:0:0:7f00:0001'],
    '64:ff9b::a9fe:a9fe': ['64:ff9b::169.254.169.254'],
    '64:ff9b::808:808': ['64:ff9b::8.8.8.8'],
    '64:ff9b:1::a00:1': ['64:ff9b:1::10.0.0.1', '64:FF9B:1::A00:1'],
    '64:ff9b:1:ffff:ffff:ffff:ffff:ffff': ['64:FF9B:1:FFFF:FFFF:FFFF:FFFF:FFFF'],
  },
  '6to4': { '2002:7f00:1::': ['2002:7F00:0001::', '2002:7f00:1:0:0:0:0:0'], '2002:a9fe:a9fe::1': ['2002:A9FE:A9FE::1'] },
  teredo: { '2001::1': ['2001:0::1', '2001:0000::0001'], '2001:0:a00:1::80ff:fffe': ['2001:0000:0A00:0001::80FF:FFFE'] },
  benchmarking: { '2001:2::1': ['2001:0002::1'] },
  discard: { '100::1': ['0100::1'] },
  segmentRouting: { '5f00::1': ['5F00::1'] },
};

/** Every spelling of an IPv4 address that a URL takes (URL Standard, "IPv4 parser"), and every disguise of a digit or a dot. */
function spellings(address: string): readonly string[] {
  const octets = address.split('.').map(Number);
  const [a = 0, b = 0, c = 0, d = 0] = octets;
  const whole = ((a * 256 + b) * 256 + c) * 256 + d;
  const low = whole % 2 ** 24;
  const hex = (number: number): string => `0x${number.toString(16)}`;
  const octal = (number: number): string => `0${number.toString(8)}`;
  return [
    address,
    `${address}.`,
    String(whole),
    hex(whole),
    hex(whole).toUpperCase(),
    octal(whole),
    octets.map(hex).join('.'),
    octets.map((octet) => `0X${octet.toString(16).toUpperCase().padStart(8, '0')}`).join('.'),
    octets.map(octal).join('.'),
    `${a}.${b}.${c * 256 + d}`,
    `${a}.${low}`,
    `${hex(a)}.${octal(low)}`,
    `${hex(a)}.${octal(b)}.${c}.${hex(d)}`,
    address.replaceAll('.', '。'),
    address.replaceAll(/\d/g, (digit) => String.fromCodePoint('０'.charCodeAt(0) + Number(digit))),
    address.replaceAll(/\d/g, (digit) => `%3${digit}`),
  ];
}

/** What must be refused, each with every spelling of its host. */
export const REFUSED: readonly Refused[] = [
  ...Object.entries(IPV4).flatMap(([reason, addresses]) =>
    addresses.map((address): Refused => ({ address, reason, hosts: spellings(address) })),
  ),
  ...Object.entries(IPV6).flatMap(([reason, addresses]) =>
    Object.entries(addresses).map(
      ([address, others]): Refused => ({ address, reason, hosts: [address, ...others].map((each) => `[${each}]`) }),
    ),
  ),
];

/** The neighbours of the ranges above, and well-known public addresses: a guard that refuses these is of no use. */
export const OPEN: readonly string[] = [
  '1.0.0.0',
  '8.8.8.8',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '126.255.255.255',
  '128.0.0.0',
  '168.63.129.15',
  '168.63.129.17',
  '169.253.255.255',
  '169.255.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '192.0.1.0',
  '192.0.3.0',
  '192.167.255.255',
  '192.169.0.0',
  '198.17.255.255',
  '198.20.0.0',
  '203.0.112.255',
  '203.0.114.0',
  '223.255.255.255',
  '2001:200::1',
  '2001:4860:4860::8888',
  '2001:db7:ffff::1',
  '2001:db9::1',
  '2003::1',
  '2400:3200::1',
  '2606:4700:4700::1111',
  '3ffe:ffff::1',
];

/** What a resolver must not be believed: no address at all, or one in a spelling that another reader takes for a different one. */
export const NO_ADDRESSES: readonly string[] = [
  '',
  '127.1',
  '0177.0.0.1',
  '010.0.0.1',
  '0x7f000001',
  '2130706433',
  '127.0.0.1.',
  ' 127.0.0.1',
  '127.0.0.1%lo',
  '[::1]',
  '::ffff:0177.0.0.1',
  '::g',
  'localhost',
  '8.8.8.8/32',
];
