/** `Buffer` of the package of that name, with base64url, which it has not. */
import { Buffer } from 'buffer';

type Made = (value: unknown, encoding?: unknown, length?: unknown) => Buffer;
type Shown = (this: Buffer, encoding?: string, start?: number, end?: number) => string;

const { from } = Buffer as unknown as { readonly from: Made };
const { toString } = Buffer.prototype as unknown as { readonly toString: Shown };

Object.assign(Buffer, {
  from: (value: unknown, encoding?: unknown, length?: unknown): Buffer =>
    Reflect.apply(from, Buffer, [value, encoding === 'base64url' ? 'base64' : encoding, length]),
});
Object.assign(Buffer.prototype, {
  toString(this: Buffer, encoding?: string, start?: number, end?: number): string {
    if (encoding !== 'base64url') return Reflect.apply(toString, this, [encoding, start, end]);
    const text: string = Reflect.apply(toString, this, ['base64', start, end]);
    return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  },
});

export { Buffer };
export const isAscii = (bytes: Uint8Array): boolean => bytes.every((byte) => byte < 0x80);
export const isUtf8 = (bytes: Uint8Array): boolean => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
};
