/** Files as the tools that people have write them (`test/vectors/files/`). */
import { readFileSync } from 'node:fs';

/** One of them. */
export interface RealFile {
  readonly name: string;
  /** The tool that wrote it. */
  readonly by: string;
  readonly bytes: Buffer;
}

/** All of them. */
export function realFiles(): readonly RealFile[] {
  const { cases } = JSON.parse(
    readFileSync(new URL('../vectors/files/real-files.json', import.meta.url), 'utf8'),
  ) as { cases: Readonly<Record<string, { readonly by: string; readonly bytes: string }>> };
  return Object.entries(cases).map(([name, { by, bytes }]) => ({
    name,
    by,
    bytes: Buffer.from(bytes, 'base64'),
  }));
}

/** Samples of file-type and libmagic, by the names that they have there. */
export function sampleFiles(): readonly { readonly name: string; readonly bytes: Buffer }[] {
  const { cases } = JSON.parse(
    readFileSync(new URL('../vectors/files/samples.json', import.meta.url), 'utf8'),
  ) as { cases: Readonly<Record<string, string>> };
  return Object.entries(cases).map(([name, text]) => ({ name, bytes: Buffer.from(text, 'base64') }));
}
