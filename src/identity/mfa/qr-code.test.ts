import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeQR } from 'qr/decode.js';
import { otpauthUri } from './otpauth.ts';
import { qrCodeImage } from './qr-code.ts';

const PREFIX = 'data:image/svg+xml;base64,';

/** The image as a camera sees it: eight pixels a module. */
function pixelsOf(svg: string): { width: number; height: number; data: Uint8Array } {
  const scale = 8;
  const size = Number(/viewBox="0 0 (\d+) /.exec(svg)?.[1]);
  const width = size * scale;
  const data = new Uint8Array(width * width * 4).fill(255);
  const dark = /<path d="([^"]+)"/.exec(svg)?.[1] ?? '';
  for (const [, x, y, length] of dark.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let row = Number(y) * scale; row < (Number(y) + 1) * scale; row += 1) {
      const start = (row * width + Number(x) * scale) * 4;
      for (let at = start; at < start + Number(length) * scale * 4; at += 4) data.fill(0, at, at + 3);
    }
  }
  return { width, height: width, data };
}

async function svgOf(text: string): Promise<string> {
  const image = await qrCodeImage(text);
  assert.ok(image.startsWith(PREFIX));
  return Buffer.from(image.slice(PREFIX.length), 'base64').toString('utf8');
}

test('is read back by a decoder, the longest names too', async () => {
  const longest = '\u{1f511}'.repeat(100);
  for (const [issuer, label] of [
    ['Strongroom', 'ann@example.com'],
    [longest, longest],
  ] as const) {
    const uri = otpauthUri(issuer, label, Buffer.from('12345678901234567890'));
    assert.equal(decodeQR(pixelsOf(await svgOf(uri))), uri);
  }
});

test('is plain SVG: no style, no script, no reference, nothing of the text itself', async () => {
  const svg = await svgOf('otpauth://totp/<script>alert(1)</script>"onload="');
  assert.match(
    svg,
    /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 \d+ \d+" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h\d+v\d+H0z"\/><path d="[Mhvz0-9 -]+"\/><\/svg>$/,
  );
});

test('has a quiet zone of four modules on each side', async () => {
  const { width, data } = pixelsOf(await svgOf('x'));
  for (let index = 0; index < width; index += 1) {
    for (const at of [31 * width + index, index * width + 31, (width - 32) * width + index]) {
      assert.equal(data[at * 4], 255);
    }
  }
});
