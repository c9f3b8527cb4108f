/** One TLS handshake, as rules of the checker see it. */

/** What is offered to a server. */
export interface HandshakeOffer {
  /** Only this version. Default: 1.2 and 1.3. */
  readonly version?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  /** As OpenSSL names them, for versions up to 1.2. */
  readonly ciphers?: string;
  /** As OpenSSL names them, with colons between. */
  readonly groups?: string;
}

/** One certificate of a chain. */
export interface SeenCertificate {
  readonly subject: string;
  /** `DNS:a.example, DNS:b.example`. */
  readonly names: string;
  readonly from: Date;
  readonly to: Date;
  /** Of an RSA key. */
  readonly bits: number | undefined;
  readonly curve: string | undefined;
  /** How it was signed, as OpenSSL names it: `sha256WithRSAEncryption`. */
  readonly signature?: string | undefined;
}

/** What came of it. */
export type Handshake =
  | {
      readonly shaken: true;
      readonly version: string;
      readonly cipher: string;
      readonly group: string | undefined;
      readonly groupBits: number | undefined;
      readonly trusted: boolean;
      /** Why not: a code of OpenSSL. */
      readonly untrusted: string | undefined;
      /** The server's own first. */
      readonly chain: readonly SeenCertificate[];
    }
  | {
      readonly shaken: false;
      /** It is this machine's OpenSSL that cannot offer it: of the server nothing is known. */
      readonly ours: boolean;
      readonly why: string;
    };
