import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import sharp from 'sharp';
import { growthOf, LINEAR_AT_MOST, repeated } from '../../../../test/support/growth.ts';
import { realFiles } from '../../../../test/support/real-files.ts';
import { until } from '../../../../test/support/until.ts';
import { FILE_KINDS } from '../content/file-kinds.ts';
import { Remaker, type Remade } from './remaker.ts';

const remaker = new Remaker();
after(async () => {
  await remaker.close();
});
const file = (name: string): Buffer => realFiles().find((one) => one.name === name)?.bytes ?? Buffer.alloc(0);
const images = realFiles().filter(({ name }) => /\.(?:png|jpg|gif|webp|avif)$/.test(name));

async function good(made: Promise<Remade>): Promise<Extract<Remade, { ok: true }>> {
  const found = await made;
  assert.ok(found.ok, found.ok ? '' : found.reason);
  return found;
}

async function reasonOf(made: Promise<Remade>): Promise<string> {
  const found = await made;
  return found.ok ? 'made' : found.reason;
}

/** The colour of one pixel of an image, as a browser shows it. */
async function pixel(bytes: Uint8Array, left: number, top: number): Promise<readonly number[]> {
  const image = sharp(bytes).autoOrient().toColourspace('srgb').removeAlpha();
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  const at = (top * info.width + left) * info.channels;
  return [...data.subarray(at, at + 3)];
}

test('images of real tools come out in their format, with their size and their colours', async () => {
  assert.ok(images.length >= 15);
  for (const { name, bytes } of images) {
    const made = await good(remaker.image(bytes));
    const kind = Object.entries(FILE_KINDS).find(([, { extensions }]) =>
      extensions.some((end) => name.endsWith(`.${end}`)),
    );
    assert.equal(made.type, kind?.[0], name);
    assert.deepEqual([made.width, made.height], name === 'turned.jpg' ? [40, 60] : [60, 40], name);
    for (const [left, top] of [
      [20, 20],
      [2, 2],
    ] as const) {
      const [was, is] = [await pixel(bytes, left, top), await pixel(made.bytes, left, top)];
      for (const [at, colour] of was.entries())
        assert.ok(Math.abs(colour - (is[at] ?? 999)) <= 24, `${name}: ${was.join()} became ${is.join()}`);
    }
  }
});

test('a film stays a film', async () => {
  for (const name of ['moving.gif', 'moving.webp']) {
    const { pages } = await sharp((await good(remaker.image(file(name)))).bytes, {
      animated: true,
    }).metadata();
    assert.equal(pages, 3, name);
  }
});

test('v5.0.0-14.2.8 what stands beside the pixels is gone: places, cameras, comments, and what stood behind the end', async () => {
  const secret = 'somebody lives here';
  const tagged = await sharp(file('plain.jpg'))
    .withExif({
      IFD0: { ImageDescription: secret },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' },
    })
    .withXmp(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><a>${secret}</a></x:xmpmeta>`)
    .toBuffer();
  assert.ok(tagged.includes(secret));
  for (const bytes of [tagged, Buffer.concat([file('plain.jpg'), Buffer.from(secret)])]) {
    const made = await good(remaker.image(bytes));
    assert.ok(!Buffer.from(made.bytes).includes(secret));
    const { exif, xmp, icc, orientation } = await sharp(made.bytes).metadata();
    assert.deepEqual([exif, xmp, icc, orientation], [undefined, undefined, undefined, undefined]);
  }
  const png = Buffer.concat([file('rgb.png'), Buffer.from(secret)]);
  assert.ok(!Buffer.from((await good(remaker.image(png))).bytes).includes(secret));
});

test('colours of a profile become those of sRGB, and what was deeper is shown the same', async () => {
  const red = { create: { width: 8, height: 8, channels: 3, background: '#c81e3c' } } as const;
  const p3 = await sharp(red).withIccProfile('p3').png().toBuffer();
  const made = await good(remaker.image(p3));
  const [r = 0, g = 0, b = 0] = await pixel(made.bytes, 4, 4);
  assert.ok(Math.abs(r - 0xc8) <= 3 && Math.abs(g - 0x1e) <= 3 && Math.abs(b - 0x3c) <= 3, `${r} ${g} ${b}`);
  // Without the profile the numbers of P3 would be other colours.
  const raw = await sharp(p3, { ignoreIcc: true }).removeAlpha().raw().toBuffer();
  assert.ok(Math.abs((raw[0] ?? 0) - 0xc8) > 5);
});

test('a file that is cut is refused, at whichever byte', async () => {
  for (const name of ['plain.jpg', 'rgb.png', 'lossy.webp', 'plain.avif']) {
    const bytes = file(name);
    for (const part of [0.3, 0.6, 0.9])
      assert.match(
        await reasonOf(remaker.image(bytes.subarray(0, bytes.length * part))),
        /^(?:broken|kind)$/,
        name,
      );
  }
});

test('pixels and pictures are counted before any is decoded', async () => {
  const wide = await sharp({ create: { width: 9000, height: 9000, channels: 3, background: 'red' } })
    .png({ compressionLevel: 9 })
    .toBuffer();
  const begun = process.memoryUsage.rss();
  assert.equal(await reasonOf(remaker.image(wide)), 'pixels');
  assert.ok(process.memoryUsage.rss() - begun < 100 * 1024 ** 2);
  const few = new Remaker({ pixels: 60 * 40 * 3 - 1, frames: 2 });
  const exact = new Remaker({ pixels: 60 * 40 * 3, frames: 3 });
  assert.equal(await reasonOf(few.image(file('moving.gif'))), 'frames');
  assert.equal(await reasonOf(new Remaker({ pixels: 60 * 40 * 3 - 1 }).image(file('moving.gif'))), 'pixels');
  assert.equal(await reasonOf(exact.image(file('moving.gif'))), 'made');
  await few.close();
  await exact.close();
});

test('what is no image of these kinds is not opened, whatever it is called', async () => {
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="/etc/hostname"/></svg>';
  for (const bytes of [svg, '<html>', '%PDF-1.7', 'P6 1 1 255 abc', ''])
    assert.equal(await reasonOf(remaker.image(Buffer.from(bytes))), 'kind');
  const tiff = await sharp(file('rgb.png')).tiff().toBuffer();
  assert.equal(await reasonOf(remaker.image(tiff)), 'kind');
});

test('SVG loses what acts and what is fetched, and stays a drawing', async () => {
  const drawing = `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
    viewBox="0 0 9 9" onload="alert(1)"><script>alert(2)</script><title>a&#160;b</title>
    <defs><linearGradient id="g"><stop offset="0" stop-color="#fff"/></linearGradient></defs>
    <style>rect { fill: red } @import "https://example.com/a.css"; </style>
    <rect width="9" height="9" fill="url(#g)" style="stroke: u\\72l(https://example.com/b)" onclick="alert(3)"/>
    <image href="https://example.com/c.png"/><image xlink:href="data:image/png;base64,AAAA"/>
    <use href="https://example.com/d.svg#a"/><a href="javascript:alert(4)"><text>a</text></a>
    <foreignObject><iframe src="https://example.com/e"></iframe></foreignObject>
    <animate attributeName="href" values="javascript:alert(5)"/></svg>`;
  const { bytes, type } = await good(remaker.markup('svg', Buffer.from(drawing)));
  const text = Buffer.from(bytes).toString();
  assert.equal(type, 'image/svg+xml');
  assert.doesNotMatch(text, /alert|example\.com|script|iframe|foreignObject|onload|onclick|@import|&nbsp;/i);
  for (const kept of [
    '<svg xmlns="http://www.w3.org/2000/svg"',
    'viewBox="0 0 9 9"',
    'linearGradient',
    'url(#g)',
    'data:image/png',
  ])
    assert.ok(text.includes(kept), kept);
  assert.equal((await sharp(bytes).metadata()).format, 'svg');
  assert.equal(await reasonOf(remaker.markup('svg', Buffer.from('<p>a</p>'))), 'kind');
  assert.equal(await reasonOf(remaker.markup('svg', Buffer.from([0xff]))), 'broken');
});

test('HTML loses what acts and what is fetched, and stays a text', async () => {
  const page = `<h1 onclick="alert(1)">A</h1><script>alert(2)</script><img src="https://example.com/a.png" alt="b">
    <p style="background: url(//example.com/b)">c <a href="#d">e</a></p><form action="/f"><input name="password"></form>`;
  const text = Buffer.from((await good(remaker.markup('html', Buffer.from(page)))).bytes).toString();
  assert.doesNotMatch(text, /alert|example\.com|form|input/);
  assert.match(text, /<h1>A<\/h1>.*<img alt="b">.*<p>c <a href="#d">e<\/a><\/p>/s);
  assert.equal(await reasonOf(new Remaker({ markup: 10 }).markup('html', Buffer.from(page))), 'size');
});

test('what takes too long is ended, and the next one is made all the same', async () => {
  const hasty = new Remaker({ timeout: 1 });
  assert.equal(await reasonOf(hasty.image(file('rgb.png'))), 'slow');
  const patient = new Remaker({ timeout: 250, pixels: 300_000_000, atOnce: 1 });
  const red = { width: 17_000, height: 17_000, channels: 3, background: 'red' } as const;
  const large = await sharp({ create: red, limitInputPixels: false }).png({ compressionLevel: 1 }).toBuffer();
  assert.equal(await reasonOf(patient.image(large)), 'slow');
  // Its decoder may still be at work for a moment, where no other thread can end it.
  await until(
    'the next one is made',
    async () => (await reasonOf(patient.image(file('rgb.png')))) === 'made',
  );
  await patient.close();
});

test('the loop of this process goes on meanwhile, and more than wait are refused', async () => {
  const one = new Remaker({ atOnce: 1, waiting: 1 });
  const large = await sharp({ create: { width: 4000, height: 4000, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  let turns = 0;
  const clock = setInterval(() => (turns += 1), 5);
  const both = [one.image(large), one.image(large)];
  await assert.rejects(one.image(large), { code: 'ERR_BULWARK_QUEUE_FULL' });
  for (const made of both) await good(made);
  clearInterval(clock);
  // It takes many times as long; on this thread there would be no turn within an image.
  assert.ok(turns > 5, `${turns} turns`);
  await one.close();
});

test('CSS fetches nothing, also where what looks like a comment is text, or a place begins with a blank', async () => {
  const place = 'https://evil.example/x';
  for (const rule of [
    `a{content:"/*"}b{background:url(${place})}c{content:"*/"}`,
    `a{content:'/*'}b{background:url(${place})}`,
    `b{background:url(" ${place}")}`,
    `b{background:url("'${place}")}`,
    `b{background:u\\72\r\nl(${place})}`,
    `b{background:u\\72/**/l(${place})}/* url(#a) */b{background:url(/**/${place})}`,
  ]) {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg"><style>${rule}</style><rect/></svg>`;
    const kept = async (kind: 'svg' | 'html', text: string): Promise<string> =>
      Buffer.from((await good(remaker.markup(kind, Buffer.from(text)))).bytes).toString();
    assert.doesNotMatch(await kept('svg', svg), /evil/, rule);
    assert.doesNotMatch(await kept('html', `<p>a</p><style>${rule}</style>`), /evil/, rule);
  }
  const style = `--a:&quot;/*&quot;;background:url(${place});--b:&quot;*/&quot;`;
  const { bytes } = await good(remaker.markup('html', Buffer.from(`<p style="${style}">a</p>`)));
  assert.equal(Buffer.from(bytes).toString(), '<p>a</p>');
});

test('comments without an end cost what they are long', async () => {
  const factor = await growthOf(
    (size) => Buffer.from(`<p style="color: red ${repeated('/* ', size)}">a</p>`),
    (page) => good(remaker.markup('html', page)),
    50_000,
  );
  assert.ok(factor < LINEAR_AT_MOST, `${factor}`);
});
