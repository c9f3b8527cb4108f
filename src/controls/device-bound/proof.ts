/** What a browser signs to prove its device: a JWT of one known form (`core/jws.ts`), in a header of the draft. */
import { type Jws, type JwsForm, readJws } from '../../core/jws.ts';
import { ALGORITHMS } from './device-key.ts';

/** A proof, read and not believed yet. */
export interface Proof extends Jws {
  /** The challenge that it answers. */
  readonly challenge: string;
}

const FORM: JwsForm = {
  type: 'dbsc+jwt',
  algorithms: new Map(ALGORITHMS.map((one) => [one, one])),
  // With a key of 4096 bits and its signature it has half of that.
  mostCharacters: 4096,
};

/** Reads a `Secure-Session-Response`, bare as Chromium sends it, or a string of structured fields as the draft writes it. */
export function readProof(header: string | undefined): Proof | undefined {
  const read = header === undefined ? undefined : readJws(unquoted(header), FORM);
  const challenge = read?.claims['jti'];
  return read !== undefined && typeof challenge === 'string' ? { ...read, challenge } : undefined;
}

/** A text, or a string of structured fields with that text in it (RFC 8941 3.3.3). */
export function unquoted(text: string): string {
  return text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
}
