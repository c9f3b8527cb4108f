/** Decodes an image and writes its pixels anew: what else was in the file is gone. */
import type { Metadata, Sharp } from 'sharp';
import type { ImageJob, Made } from './jobs.ts';

type SharpModule = typeof import('sharp').default;

/**
 * libvips opens what it finds: SVG that draws other files, pages of PDF, formats that nobody sends. These alone are handed to
 * it. Its own list of what it opens is one for the whole process, which the application may be using.
 */
const OPENED = /^(?:\xff\xd8\xff|\x89PNG\r\n\x1a\n|GIF8[79]a|RIFF[^]{4}WEBPVP8|[^]{4}ftypavi[fs])/;

/** How each format is written: as good as it came, to the eye. */
const WRITE: Readonly<Record<string, readonly [type: string, write: (image: Sharp) => Sharp]>> = {
  jpeg: ['image/jpeg', (image) => image.jpeg({ quality: 90, chromaSubsampling: '4:4:4' })],
  png: ['image/png', (image) => image.png()],
  webp: ['image/webp', (image) => image.webp({ quality: 90 })],
  gif: ['image/gif', (image) => image.gif({ effort: 4 })],
  heif: ['image/avif', (image) => image.avif({ quality: 65 })],
};

/** Makes one. */
export async function makeImage({ bytes, pixels, frames, seconds }: ImageJob): Promise<Made> {
  const { default: sharp } = await import('sharp');
  if (
    !OPENED.test(Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 16)).toString('latin1'))
  )
    return { ok: false, reason: 'kind' };
  const head = await headOf(sharp, bytes, pixels);
  if (typeof head === 'string') return { ok: false, reason: head };
  const [type, write] = WRITE[head.format] ?? [];
  if (type === undefined || write === undefined || (head.format === 'heif' && head.compression !== 'av1'))
    return { ok: false, reason: 'kind' };
  const pages = head.pages ?? 1;
  if (pages > frames) return { ok: false, reason: 'frames' };
  if (head.width * head.height * pages > pixels) return { ok: false, reason: 'pixels' };
  const image = sharp(bytes, { animated: pages > 1, limitInputPixels: pixels, failOn: 'warning' });
  // A film has no orientation; of a photograph the turned one is what was seen. Colours become those of sRGB.
  const upright = pages > 1 ? image : image.autoOrient();
  try {
    const { data, info } = await write(upright.timeout({ seconds })).toBuffer({ resolveWithObject: true });
    const own = new Uint8Array(data);
    return { ok: true, bytes: own, type, width: info.width, height: info.pageHeight ?? info.height };
  } catch (error) {
    return { ok: false, reason: /timeout/i.test(String(error)) ? 'slow' : 'broken' };
  }
}

/** What it says of itself, before a pixel is decoded. */
async function headOf(
  sharp: SharpModule,
  bytes: Uint8Array,
  pixels: number,
): Promise<Metadata | 'kind' | 'pixels'> {
  try {
    return await sharp(bytes, { limitInputPixels: pixels }).metadata();
  } catch (error) {
    return /pixel limit/i.test(String(error)) ? 'pixels' : 'kind';
  }
}
