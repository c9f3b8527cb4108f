/** Headers of tus 1.0.0, read strictly: what is none of these is no number and no name. */

/** A header of a request that no client sends. */
export class TusFault extends Error {
  override readonly name = 'TusFault';
  /** The header. */
  readonly header: string;

  constructor(header: string) {
    super(`The header ${header} is none of tus 1.0.0.`);
    this.header = header;
  }
}

/** What is called what. */
export interface TusMetadata {
  readonly filename: string;
  readonly filetype: string | undefined;
}

const NUMBER = /^(?:0|[1-9]\d{0,14})$/;
const LONGEST = 4096;
const PAIR = /^([!-+\--~]{1,64})(?: ([A-Za-z0-9+/]*={0,2}))?$/;
const TYPE = /^[\w.+-]{1,64}\/[\w.+-]{1,128}$/;

/** A size or a place: whole bytes. Two headers of one name are joined, and are none. */
export function tusNumber(name: string, value: string | undefined): number {
  if (value === undefined || !NUMBER.test(value)) throw new TusFault(name);
  return Number(value);
}

/** `Upload-Metadata`, by the names that clients give: `filename` or `name`, `filetype` or `type`. The rest is nobody's. */
export function tusMetadata(value: string | undefined): TusMetadata {
  if (value === undefined || value.length > LONGEST) throw new TusFault(METADATA);
  const found = new Map<string, string>();
  for (const pair of value.split(',')) {
    const [known, key = '', encoded = ''] = PAIR.exec(pair) ?? [];
    if (known === undefined || found.has(key)) throw new TusFault(METADATA);
    found.set(key, encoded);
  }
  const filename = decoded(found.get('filename') ?? found.get('name'));
  if (filename === undefined || filename === '') throw new TusFault(METADATA);
  const filetype = decoded(found.get('filetype') ?? found.get('type'))?.toLowerCase();
  // Browsers say nothing of a kind that they do not know.
  if (filetype === undefined || filetype === '') return { filename, filetype: undefined };
  if (!TYPE.test(filetype)) throw new TusFault(METADATA);
  return { filename, filetype };
}

/** The same of a file that is kept. */
export function tusMetadataOf(name: string, type: string): string {
  return `filename ${Buffer.from(name).toString('base64')},filetype ${Buffer.from(type).toString('base64')}`;
}

const METADATA = 'Upload-Metadata';
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Base64 that has one spelling, of UTF-8. */
function decoded(encoded: string | undefined): string | undefined {
  if (encoded === undefined) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.toString('base64') !== encoded) throw new TusFault(METADATA);
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new TusFault(METADATA);
  }
}
