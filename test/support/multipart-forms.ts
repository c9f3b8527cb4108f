/** Forms that parsers, standards and a rule set for firewalls have tests of (`test/vectors/multipart/`). */
import { readFileSync } from 'node:fs';

/** One of them. */
export interface MultipartForm {
  readonly name: string;
  /** Whose fact it is. */
  readonly source: string;
  /** Its Content-Type. */
  readonly type: string;
  readonly body: Buffer;
  /** How many parts it has, where it is taken. */
  readonly parts: number | undefined;
  /** Why it is not, where it is not. */
  readonly refused: string | undefined;
}

/** All of them. */
export function multipartForms(): readonly MultipartForm[] {
  const { cases } = JSON.parse(
    readFileSync(new URL('../vectors/multipart/forms.json', import.meta.url), 'utf8'),
  ) as { cases: readonly Case[] };
  return cases.map(({ name, source, type = 'multipart/form-data; boundary=b', body, parts, refused }) => ({
    name,
    source,
    type,
    body: Buffer.from(body, 'latin1'),
    parts,
    refused,
  }));
}

interface Case {
  readonly name: string;
  readonly source: string;
  readonly type?: string;
  readonly body: string;
  readonly parts?: number;
  readonly refused?: string;
}
