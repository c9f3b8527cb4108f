/** Addresses that are not public, in every notation that an address has: made here, so that none is forgotten, and counted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AddressList } from '../../core/address-list.ts';
import { safeRedirect } from '../../core/safe-redirect.ts';
import { judgeUrl } from './destination.ts';

const RULE = { schemes: ['https'], ports: [443], hosts: undefined, allow: new AddressList() } as const;
type Parts = readonly [number, number, number, number];

/** Inside networks, this machine, and what hands out the keys of clouds. */
const INSIDE: readonly Parts[] = [
  [127, 0, 0, 1],
  [127, 255, 255, 254],
  [0, 0, 0, 0],
  [10, 0, 0, 1],
  [100, 64, 0, 1],
  [100, 100, 100, 200],
  [169, 254, 169, 254],
  [169, 254, 170, 2],
  [172, 16, 0, 1],
  [192, 0, 0, 192],
  [192, 168, 1, 1],
  [198, 18, 0, 1],
  [224, 0, 0, 251],
  [255, 255, 255, 255],
];
const OUTSIDE: Parts = [8, 8, 4, 4];

const number = ([a, b, c, d]: Parts): number => a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d;
const hex = (value: number, width = 0): string => value.toString(16).padStart(width, '0');
const octal = (value: number): string => `0${value.toString(8)}`;
const WIDE = '\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19';
const CIRCLED = '\u24ea\u2460\u2461\u2462\u2463\u2464\u2465\u2466\u2467\u2468';
const BOLD = Array.from({ length: 10 }, (_, digit) => String.fromCodePoint(0x1d7ce + digit));
const digits = (text: string, of: ArrayLike<string>): string =>
  text.replaceAll(/\d/g, (digit) => of[Number(digit)] ?? digit);
const inPercent = (text: string): string =>
  text.replaceAll(/./g, (letter) => `%${hex(letter.charCodeAt(0), 2)}`);

/** As a host of IPv4: numbers of any base, in any count of parts, in any letters that IDNA folds to digits. */
function asIpv4(parts: Parts): readonly string[] {
  const [a, b, c, d] = parts;
  const whole = number(parts);
  const plain = parts.join('.');
  const numbers = [
    plain,
    String(whole),
    `0x${hex(whole)}`,
    `0X${hex(whole).toUpperCase()}`,
    octal(whole),
    `0x${hex(whole, 16)}`,
    `${a}.${b * 65_536 + c * 256 + d}`,
    `${a}.${b}.${c * 256 + d}`,
    `0x${hex(a)}.${b}.${c * 256 + d}`,
    parts.map((part) => `0x${hex(part)}`).join('.'),
    parts.map((part) => `0x${hex(part, 8)}`).join('.'),
    parts.map((part) => octal(part)).join('.'),
    parts.map((part) => `00${octal(part)}`).join('.'),
    `${a}.${octal(b)}.0x${hex(c)}.${d}`,
  ];
  const letters = numbers.flatMap((text) => [
    text,
    `${text}.`,
    digits(text, WIDE),
    digits(text, CIRCLED),
    digits(text, BOLD),
    inPercent(text),
    text.replaceAll('.', '\u3002'),
    text.replaceAll('.', '\uff0e'),
    text.replaceAll('.', '%2e'),
    text.replaceAll('.', '\u00ad.'),
  ]);
  return [...new Set(letters)];
}

/** Inside an address of IPv6, in each of the ways that lead back out of it. */
function asIpv6(parts: Parts): readonly string[] {
  const [a, b, c, d] = parts;
  const [high, low] = [hex(a * 256 + b), hex(c * 256 + d)];
  const plain = parts.join('.');
  const [notHigh, notLow] = [hex(0xffff - (a * 256 + b)), hex(0xffff - (c * 256 + d))];
  const texts = [
    `::ffff:${plain}`,
    `::ffff:${high}:${low}`,
    `0:0:0:0:0:ffff:${plain}`,
    `0000:0000:0000:0000:0000:ffff:${high.padStart(4, '0')}:${low.padStart(4, '0')}`,
    `::${plain}`,
    `::${high}:${low}`,
    `::ffff:0:${plain}`,
    `64:ff9b::${plain}`,
    `64:ff9b::${high}:${low}`,
    `64:ff9b:1::${high}:${low}`,
    `2002:${high}:${low}::`,
    `2002:${high}:${low}::1`,
    `2001:0:4136:e378:8000:63bf:${notHigh}:${notLow}`,
    `2001:0:${high}:${low}::`,
    `fe80::5efe:${plain}`,
    `fe80::200:5efe:${high}:${low}`,
  ];
  return texts.flatMap((text) => [`[${text}]`, `[${text.toUpperCase()}]`]);
}

test('v5.0.0-1.3.6 no address that is not public is asked, in whichever notation', () => {
  let ran = 0;
  let read = 0;
  for (const parts of INSIDE) {
    for (const host of [...asIpv4(parts), ...asIpv6(parts)]) {
      const url = `https://${host}/latest/meta-data/`;
      assert.ok(!judgeUrl(url, RULE).ok, url);
      ran += 1;
      if (URL.canParse(url)) read += 1;
    }
  }
  assert.ok(ran >= 1900, `${ran}`);
  // Most of these are addresses to the parser, and are refused for where they lead.
  assert.ok(read >= 1800, `${read} of ${ran}`);
});

test('an address that is public is asked in each notation of IPv4 that the URL Standard reads', () => {
  let taken = 0;
  for (const host of asIpv4(OUTSIDE)) {
    const judged = judgeUrl(`https://${host}/`, RULE);
    if (!judged.ok) continue;
    assert.equal(judged.url.hostname.replace(/\.$/, ''), '8.8.4.4', host);
    taken += 1;
  }
  assert.ok(taken >= 100, `${taken}`);
});

test('v5.0.0-3.7.2 (in part) a redirect leads to none of them, however the address is begun', () => {
  const begun = [
    (host: string) => `https://${host}/`,
    (host: string) => `//${host}/`,
    (host: string) => `\\\\${host}/`,
    (host: string) => `/\\${host}/`,
    (host: string) => `/\t/${host}/`,
    (host: string) => `https:${host}/`,
    (host: string) => `https:/${host}/`,
    (host: string) => ` //${host}/`,
    (host: string) => `//a@${host}/`,
    (host: string) => `\u0000//${host}/`,
  ];
  let ran = 0;
  for (const parts of [...INSIDE, OUTSIDE])
    for (const host of [...asIpv4(parts), ...asIpv6(parts)])
      for (const begin of begun) {
        assert.equal(safeRedirect(begin(host), '/home'), '/home', begin(host));
        ran += 1;
      }
  assert.ok(ran >= 20_000, `${ran}`);
  assert.equal(safeRedirect('/files?page=2', '/home'), '/files?page=2');
});
