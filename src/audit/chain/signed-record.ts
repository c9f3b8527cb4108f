/** What a signed record says, read as what a stranger may have written: a field of another type is none. */
import type { ChainPlace } from './chain.ts';

/** The details of a signed record. */
export interface SignedDetails {
  readonly prev?: string | undefined;
  readonly publicKey?: string | undefined;
  readonly headRecords?: number | undefined;
  readonly after?: ChainPlace | undefined;
  readonly torn?: { readonly bytes: number; readonly hash: string } | undefined;
}

/** A signed record. */
export interface SignedRecord {
  readonly time?: string | undefined;
  readonly event?: string | undefined;
  readonly details: SignedDetails;
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads a line. Undefined: it is no JSON. */
export function readSigned(line: Buffer): SignedRecord | undefined {
  let record: Fields;
  try {
    record = fieldsOf(JSON.parse(line.toString()));
  } catch {
    return undefined;
  }
  const details = fieldsOf(record['details']);
  return {
    time: textOf(record['time']),
    event: textOf(record['event']),
    details: {
      prev: textOf(details['prev']),
      publicKey: textOf(details['publicKey']),
      headRecords: numberOf(details['headRecords']),
      after: placeOf(fieldsOf(details['after'])),
      torn: tornOf(fieldsOf(details['torn'])),
    },
  };
}

function placeOf(fields: Fields): ChainPlace | undefined {
  const [chain, seq, own] = [textOf(fields['chain']), numberOf(fields['seq']), textOf(fields['hash'])];
  return chain === undefined || seq === undefined || own === undefined
    ? undefined
    : { chain, seq, hash: own };
}

function tornOf(fields: Fields): SignedDetails['torn'] {
  const [bytes, own] = [numberOf(fields['bytes']), textOf(fields['hash'])];
  return bytes === undefined || own === undefined ? undefined : { bytes, hash: own };
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
