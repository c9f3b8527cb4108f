/** Odd names, values and lines of heads. */
import { HOST, type OddRequest, passable, refused } from './writing.ts';

/** Names on which framing, identity or routing stands. */
const TELLING = [
  'Content-Length',
  'Content-Type',
  'Transfer-Encoding',
  'Host',
  'Cookie',
  'Authorization',
  'X-Forwarded-For',
  'X-Forwarded-Proto',
  'X-Forwarded-Host',
  'X-Forwarded-Prefix',
  'X-Forwarded-Ssl',
  'X-Forwarded-Protocol',
  'Forwarded',
  'X-Real-IP',
  'X-Script-Name',
  'Script-Name',
  'Path-Info',
  'Remote-User',
  'X-Remote-User',
  'X-Original-URL',
  'X-Rewrite-URL',
  'X-Bulwark-Nonce',
  'Content-Security-Policy',
  'X-Request-Id',
  'Traceparent',
  'Proxy',
];

/** A name that folds into another, or that only some take for a name. */
export function names(): OddRequest[] {
  const folded = TELLING.flatMap((name) =>
    ['_', '.', '~', '!', '*', "'", '|', '+', '%2d'].flatMap((sign) => {
      const spelling = name.replaceAll('-', sign);
      return spelling === name ? [] : [spelling, spelling.toUpperCase(), spelling.toLowerCase()];
    }),
  );
  const misplaced = TELLING.flatMap((name) => [
    ` ${name}`,
    `\t${name}`,
    `${name} `,
    `${name}\t`,
    `${name}\u0000`,
    `${name}\u00a0`,
    `${name}\u000b`,
    `\u00ef\u00bb\u00bf${name}`,
    `"${name}"`,
    `(${name})`,
    `${name}:`,
  ]);
  const none = ['', ' ', ':', '[]', '\u00fc', 'a b', 'a@b', 'a/b', 'a{b'];
  return [
    ...folded.map((name) => passable(`a name that folds: ${name}`, { lines: [`${name}: forged`] })),
    ...misplaced.map((name) => passable(`a name that is none: ${name}`, { lines: [`${name}: forged`] })),
    ...none.map((name) => passable(`no name: ${name}`, { lines: [`${name}: forged`] })),
    ...['X-A', 'x_a', 'X.A'].flatMap((one) =>
      ['x-a', 'X_A', 'x.a']
        .filter((other) => other.toLowerCase() !== one.toLowerCase())
        .map((other) => refused(`${one} beside ${other}`, { lines: [`${one}: 1`, `${other}: 2`] })),
    ),
    passable('a line without a colon', { lines: ['forged'] }),
  ];
}

/** Every byte that a value may not have, in front, within and behind; and those that it may. */
export function values(): OddRequest[] {
  const controls = Array.from({ length: 33 }, (_, code) => (code === 32 ? 0x7f : code)).filter(
    (code) => code !== 9,
  );
  const shown = (code: number): string => `0x${code.toString(16)}`;
  return [
    ...controls.flatMap((code) => {
      const sign = String.fromCharCode(code);
      return [`${sign}a`, `a${sign}b`, `a${sign}`].map((value) =>
        // LF and CR may end a line to Node.js, in front of what is then a line of its own: never for what follows.
        passable(`${shown(code)} in a value`, { lines: [`X-Own: ${value}`] }),
      );
    }),
    ...['\ta', 'a\t', 'a\tb', ' \t a \t ', '', ' ', '\t'].map((value) =>
      passable(`blanks in a value: ${JSON.stringify(value)}`, { lines: [`X-Own:${value}`] }),
    ),
    passable('bytes above 0x7f in a value', { lines: ['X-Own: \u00e4\u00f6\u00ff\u0080'] }),
    passable('a value that looks like another line', { lines: ['X-Own: a; Content-Length: 5, b'] }),
    refused('a long value', { lines: [`X-Own: ${'a'.repeat(9_000)}`] }),
    refused('many lines', { lines: Array.from({ length: 120 }, (_, index) => `X-Own-${index}: a`) }),
  ];
}

/** What stands once, twice: equal, different, and in two cases of letters. */
export function repeated(): OddRequest[] {
  const once: readonly (readonly [name: string, one: string, other: string])[] = [
    ['Content-Type', 'text/plain', 'application/json'],
    ['Authorization', 'Basic YTpi', 'Bearer c'],
    ['Origin', 'https://example.com', 'https://evil.example'],
    ['Referer', 'https://example.com/a', 'https://evil.example/'],
    ['User-Agent', 'a', 'b'],
    ['Range', 'bytes=0-1', 'bytes=2-3'],
    ['If-Range', '"a"', '"b"'],
    ['If-Modified-Since', 'Sun, 06 Nov 1994 08:49:37 GMT', 'Mon, 07 Nov 1994 08:49:37 GMT'],
    ['Date', 'Sun, 06 Nov 1994 08:49:37 GMT', 'Mon, 07 Nov 1994 08:49:37 GMT'],
    ['Max-Forwards', '1', '2'],
    ['From', 'a@example.com', 'b@example.com'],
    ['Sec-Fetch-Mode', 'navigate', 'cors'],
    ['Sec-Fetch-Site', 'same-origin', 'cross-site'],
    ['X-HTTP-Method-Override', 'PUT', 'DELETE'],
  ];
  return [
    ...once.flatMap(([name, one, other]) => [
      refused(`${name} twice, different`, { lines: [`${name}: ${one}`, `${name}: ${other}`] }),
      refused(`${name} twice, the same`, { lines: [`${name}: ${one}`, `${name.toLowerCase()}: ${one}`] }),
    ]),
    passable('Cookie twice', { lines: ['Cookie: a=1', 'cookie: b=2'] }),
    passable('Accept twice', { lines: ['Accept: text/html', 'ACCEPT: */*;q=0.1'] }),
    passable('a header of its own three times', { lines: ['X-Own: 1', 'x-own: 2', 'X-OWN: 3'] }),
    passable('an empty line of a name beside a full one', { lines: ['X-Own:', 'X-Own: 2'] }),
  ];
}

export function hosts(): OddRequest[] {
  const odd = [
    'evil.example',
    'example.com, evil.example',
    'example.com evil.example',
    'example.com@evil.example',
    'user@example.com',
    'example.com/a',
    'example.com?a',
    'example.com#a',
    'example.com\\a',
    'example.com:',
    'example.com:0443',
    'example.com:443a',
    'example.com:-1',
    'example.com:99999',
    'exa mple.com',
    'example.com:443:443',
    '[example.com]',
    '[::1%25eth0]',
    'example.com..',
    '.example.com',
    'example%2ecom',
    'example.com%00',
    '\u00e9xample.com',
    '',
    'http://example.com',
  ];
  const same = ['EXAMPLE.com', 'example.com:443', 'example.com.', ' example.com', 'example.com\t'];
  return [
    ...odd.map((host) => refused(`Host: ${host}`, { host: [`Host: ${host}`] })),
    ...same.map((host) => passable(`Host: ${JSON.stringify(host)}`, { host: [`Host: ${host}`] })),
    refused('no Host', { host: [] }),
    refused('two Host lines', { host: [HOST, 'Host: evil.example'] }),
    refused('the same Host twice', { host: [HOST, HOST] }),
    refused('two Host lines, the other one first', { host: ['Host: evil.example', HOST] }),
    refused('Host_ beside Host', { host: [HOST, 'Host_: evil.example'], lines: ['H_ost: a', 'h-ost: b'] }),
  ];
}

/** What `Connection` names goes with the connection; what the guards went by cannot be among it. */
export function hopByHop(): OddRequest[] {
  const named = [
    'X-Own',
    'Host',
    'Cookie',
    'Authorization',
    'Content-Length',
    'Content-Type',
    'Transfer-Encoding',
    'Origin',
    'Referer',
    'X-Forwarded-For',
    'X-Forwarded-Proto',
    'Sec-Fetch-Site',
    'X-Request-Id',
    'Forwarded',
    'close, X-Own',
    'keep-alive, X-Own',
    'X-Own, , ,x',
    ',',
    '',
    'close\t',
    'CLOSE',
    '"close"',
    'close; X-Own',
  ];
  return [
    ...named.flatMap((value) => [
      passable(`Connection: ${value}`, { lines: [`Connection: ${value}`, 'X-Own: a', 'Cookie: a=1'] }),
      passable(`Connection: ${value}, and a second one`, {
        lines: ['Connection: keep-alive', `Connection: ${value}`, 'X-Own: a', 'Cookie: a=1'],
      }),
    ]),
    ...[
      'Keep-Alive: timeout=5',
      'Proxy-Connection: keep-alive',
      'Proxy-Authorization: Basic YTpi',
      'TE: trailers',
      'TE: gzip, trailers',
      'Trailer: X-Sum',
      'Upgrade-Insecure-Requests: 1',
    ].map((line) => passable(line, { lines: [line] })),
  ];
}
