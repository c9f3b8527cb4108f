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
