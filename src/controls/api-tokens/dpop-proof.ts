/** The proof that comes with a token (RFC 9449 4): read before any store is asked, and held against its request and its token. */
import { type Exchange, header, type RequestFacts } from '../../core/exchange.ts';
import { type JwsAlgorithm, type PublicKey, readJwk, thumbprint } from '../../core/jwk.ts';
import { type Jws, type JwsForm, readJws } from '../../core/jws.ts';
import type { OwnOrigins } from '../../core/own-origins.ts';

/** A proof, read and not believed yet. */
export interface DpopProof extends Jws {
  readonly key: PublicKey;
  /** The thumbprint of that key: what a token is bound to. */
  readonly jkt: string;
  readonly jti: string;
}

/** `EdDSA` is what RFC 9864 calls `Ed25519`. Nothing with a shared key, and no SHA-1. */
const ALGORITHMS: ReadonlyMap<unknown, JwsAlgorithm> = new Map<string, JwsAlgorithm>([
  ['ES256', 'ES256'],
  ['EdDSA', 'EdDSA'],
  ['Ed25519', 'EdDSA'],
  ['PS256', 'PS256'],
]);

/** As a challenge lists them. */
export const DPOP_ALGORITHMS: string = [...ALGORITHMS.keys()].join(' ');

const FORM: JwsForm = {
  type: 'dpop+jwt',
  algorithms: ALGORITHMS,
  // With a key of 4096 bits, its signature and an address of a few thousand characters.
  mostCharacters: 8192,
};

const MOST_JTI = 256;

/** Reads the one `DPoP` header, or says what is wrong with it. */
export function readDpopProof(request: RequestFacts): DpopProof | string {
  const text = header(request, 'dpop');
  // Node.js joins several lines, and a comma is in no JWT. So the lines need not be counted.
  if (text === undefined) return 'there is no DPoP header';
  const jws = readJws(text, FORM);
  if (jws === undefined)
    return `the DPoP header is no single JWT of the type ${FORM.type} by ${DPOP_ALGORITHMS}`;
  const key = readJwk(jws.algorithm, jws.jwk);
  if (key === undefined) return 'jwk is no public key of that algorithm';
  const { jti } = jws.claims;
  if (typeof jti !== 'string' || jti === '' || jti.length > MOST_JTI)
    return `jti is no text of 1 to ${MOST_JTI} characters`;
  return { ...jws, key, jkt: thumbprint(key), jti };
}

/** What a proof is held against. */
export interface DpopMoment {
  readonly exchange: Exchange;
  readonly own: OwnOrigins;
  /** SHA-256 of the token that came with it, base64url. */
  readonly tokenHash: string;
}

/** A proof is of this minute. Clocks of programs are not better than that. */
export const PROOF_WINDOW_MS = 60_000;

/** What a proof says that is not so. Undefined: it is of this request, this token and this minute. */
export function contradiction(
  { claims: { htm, htu, iat, ath } }: DpopProof,
  { exchange, own, tokenHash }: DpopMoment,
): string | undefined {
  if (htm !== exchange.request.method) return 'htm is not the method of this request';
  if (typeof htu !== 'string' || !isAddressOf(htu, exchange, own))
    return 'htu is not the address of this request';
  if (typeof iat !== 'number' || !(Math.abs(exchange.now - iat * 1000) <= PROOF_WINDOW_MS))
    return 'iat is not of this minute';
  return ath === tokenHash ? undefined : 'ath is not of this token';
}

/**
 * Whether an address is that of a request, without query and fragment, however it is written (RFC 9449 4.3). Our own idea of
 * where we are counts: whoever can have a program send a proof to another host could use it here otherwise.
 */
function isAddressOf(htu: string, exchange: Exchange, own: OwnOrigins): boolean {
  const said = URL.parse(htu);
  const here = URL.parse(`${own.of(exchange)}${exchange.rawPath}`);
  if (said === null || here === null || said.username !== '' || said.password !== '') return false;
  return said.origin === here.origin && isSamePath(said.pathname, here.pathname);
}

function isSamePath(one: string, other: string): boolean {
  return one === other || plainPath(one) === plainPath(other);
}

/** One spelling of each escape (RFC 3986 6.2.2). */
function plainPath(path: string): string {
  return path.replaceAll(/%[0-9a-f]{2}/gi, (escape) => {
    const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return /[\w.~-]/.test(character) ? character : escape.toUpperCase();
  });
}
