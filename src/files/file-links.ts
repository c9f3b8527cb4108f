/** Links to files: signed, so that nobody who guesses has a store asked, and ending. */
import type { KeyRing } from '../core/key-ring.ts';
import { FILES_KEYS } from './files.keys.ts';

/** What a link says of itself, once its signature was found right. */
export type FileLink =
  /** A share that is taken back at once, and listed: its row says whose it is. */
  | { readonly kind: 'share'; readonly share: string }
  /** A moment for somebody who was let in at one origin to fetch a file from another. */
  | { readonly kind: 'ticket'; readonly file: string; readonly account: string };

/** Writes and reads links. */
export class FileLinks {
  readonly #keys: KeyRing;

  constructor(keys: KeyRing) {
    this.#keys = keys;
  }

  /** The token of a share, for an address. It ends, and so does its row. */
  ofShare(share: string, endsAt: number): string {
    return this.#signed(`s.${share}.${endsAt.toString(36)}`);
  }

  /** The token of a visit to the other origin. The rule of the file is asked there anew. */
  ofVisit(file: string, account: string, endsAt: number): string {
    const who = Buffer.from(account).toString('base64url');
    return this.#signed(`t.${file}.${who}.${endsAt.toString(36)}`);
  }

  /** What a token says. Undefined: it was not made here, was changed, or has ended. */
  read(token: string, now: number): FileLink | undefined {
    const cut = token.lastIndexOf('.');
    if (cut === -1 || token.length > LONGEST) return undefined;
    const said = token.slice(0, cut);
    const tag = Buffer.from(token.slice(cut + 1), 'base64url');
    // Characters that base64url does not have are passed over when it is read: a second spelling of one link.
    if (tag.toString('base64url') !== token.slice(cut + 1) || tag.length !== TAG) return undefined;
    if (!this.#keys.verify(FILES_KEYS.link, said, tag)) return undefined;
    const [kind, first = '', ...rest] = said.split('.');
    const endsAt = Number.parseInt(rest.at(-1) ?? '', 36);
    if (!(endsAt > now)) return undefined;
    if (kind === 's') return { kind: 'share', share: first };
    return { kind: 'ticket', file: first, account: Buffer.from(rest[0] ?? '', 'base64url').toString() };
  }

  #signed(said: string): string {
    return `${said}.${this.#keys.sign(FILES_KEYS.link, said).subarray(0, TAG).toString('base64url')}`;
  }
}

/** Half of an HMAC-SHA-256: 128 bits (RFC 2104, section 5). */
const TAG = 16;
const LONGEST = 1024;
