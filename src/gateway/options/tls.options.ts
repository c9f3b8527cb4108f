/** Where the gateway ends TLS: by a certificate in files, or one that it fetches by ACME. */
import {
  isPlainObject,
  type OptionSpec,
  type OptionTable,
  type Read,
  readOptions,
  Unfit,
} from '../../core/options.ts';
import { listOf, oneOf, optional, text } from '../../core/readers.ts';

/** A certificate in files, which somebody else renews. They are looked at every two seconds. */
export interface TlsFilesOptions {
  /** Path of the certificate with the chain behind it, in PEM. */
  cert: string;
  /** Path of its key, in PEM, without a passphrase. */
  key: string;
}

/** A certificate that the gateway fetches and renews itself, by ACME. Naming an authority agrees to its terms. */
export interface AcmeOptions {
  /** The authority's directory. Default Let's Encrypt's. */
  directory?: string;
  /** A PEM file with the root of the authority's own server, where that is one of your own. */
  ca?: string;
  /** Where the authority writes when something is wrong. */
  email?: string;
  /** The names of the certificate. Default that of the public origin. */
  names?: readonly string[];
  /** What is kept: the key of the account, the certificate and its key. A folder for nobody else. */
  folder?: string;
  /** How the authority asks: on the port of https, or on that of http (`--http-listen`). */
  challenge?: 'tls-alpn-01' | 'http-01';
}

/** {@link AcmeOptions}, read. */
export interface AcmeSettings {
  readonly directory: string;
  readonly ca: string | undefined;
  readonly email: string | undefined;
  readonly names: readonly string[] | undefined;
  readonly folder: string;
  readonly challenge: 'tls-alpn-01' | 'http-01';
}

/** Either of the two. */
export type GatewayTlsOptions = TlsFilesOptions | { acme: AcmeOptions };

/** {@link GatewayTlsOptions}, read. */
export type TlsSettings = Readonly<TlsFilesOptions> | { readonly acme: AcmeSettings };

const MOST_NAMES = 100;
const path: Read<string> = (value) => {
  if (typeof value !== 'string' || value === '' || value.includes('\0'))
    throw new Unfit('the path of a file');
  return value;
};
const url: Read<string> = (value) => {
  const read = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  if (read?.protocol !== 'https:' || read.username !== '') throw new Unfit('an https address');
  return read.href;
};
/** Names alone: an authority that is asked by these challenges gives none for a wildcard (RFC 8555 8.4). */
const name = text(
  /^(?=.{1,253}$)(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+[a-z](?:[a-z\d-]{0,61}[a-z\d])$/,
  'a name in small letters, such as example.com, and no wildcard',
);
const listOfNames = listOf(name, `a list of names`);
const names: Read<readonly string[]> = (value, at, problems) => {
  const list = listOfNames(value, at, problems);
  if (list.length === 0 || list.length > MOST_NAMES) throw new Unfit(`1 to ${MOST_NAMES} names`);
  return [...new Set(list)];
};

/** The defaults and why. */
export const acmeOptions: OptionTable<AcmeSettings> = {
  directory: {
    default: 'https://acme-v02.api.letsencrypt.org/directory',
    shown: "Let's Encrypt",
    read: url,
    reason: 'Browsers trust it everywhere, and it asks for nothing.',
    source: 'RFC 8555; RFC 9773',
    example: "gateway: { tls: { acme: { directory: 'https://ca.example.com/acme/directory' } } }",
  },
  ca: {
    default: undefined,
    shown: 'the roots of Node.js',
    read: optional(path),
    reason: 'An authority of your own has a root that only you know.',
    source: 'RFC 8555 6.1',
    example: "gateway: { tls: { acme: { ca: '/etc/ssl/our-root.pem' } } }",
  },
  email: {
    default: undefined,
    shown: 'none',
    read: optional(text(/^[^\s@]{1,64}@[^\s@]{1,255}$/, 'a mail address')),
    reason: 'Only you know who reads it; failures are in the log as well.',
    source: 'RFC 8555 7.3',
    example: "gateway: { tls: { acme: { email: 'ops@example.com' } } }",
  },
  names: {
    default: undefined,
    shown: 'the host of the public origin',
    read: optional(names),
    reason: 'The names of the certificate are what visitors type; each of them has to lead here.',
    source: 'RFC 8555 7.1.3',
    example: "gateway: { tls: { acme: { names: ['example.com', 'www.example.com'] } } }",
  },
  folder: {
    default: 'data/acme',
    read: path,
    reason: 'Beside the data of SQLite. Who can read it is the site: it is made for nobody else.',
    source: 'CWE-732',
    example: "gateway: { tls: { acme: { folder: '/var/lib/bulwark/acme' } } }",
  },
  challenge: {
    default: 'tls-alpn-01',
    read: oneOf('tls-alpn-01', 'http-01'),
    reason: 'It needs the port of https alone, which is open anyway.',
    source: 'RFC 8737',
    example: "gateway: { tls: { acme: { challenge: 'http-01' } } }",
  },
};

const filesOptions: OptionTable<Readonly<TlsFilesOptions>> = {
  cert: {
    default: '',
    read: path,
    reason: 'Only you know where it is.',
    source: 'ASVS v5.0.0-12.2.2',
    example: "gateway: { tls: { cert: '/etc/ssl/site.pem', key: '/etc/ssl/site.key' } }",
  },
  key: {
    default: '',
    read: path,
    reason: 'Only you know where it is.',
    source: 'ASVS v5.0.0-12.2.2',
    example: "gateway: { tls: { cert: '/etc/ssl/site.pem', key: '/etc/ssl/site.key' } }",
  },
};

const FIT = 'a certificate and its key as paths, or acme';

const readTls: Read<TlsSettings | undefined> = (value, at, problems) => {
  if (value === undefined) return undefined;
  if (!isPlainObject(value)) throw new Unfit(FIT);
  if ('acme' in value) {
    const { acme, ...others } = value;
    if (Object.keys(others).length > 0) throw new Unfit(`${FIT}, and not both`);
    return { acme: readOptions(`${at}.acme`, acmeOptions, acme, problems) };
  }
  if (!('cert' in value && 'key' in value)) throw new Unfit(FIT);
  return readOptions(at, filesOptions, value, problems);
};

/** Whether and how the gateway ends TLS. */
export const tls: OptionSpec<TlsSettings | undefined> = {
  default: undefined,
  shown: 'none: it is ended in front of the gateway',
  read: readTls,
  reason: 'Only you know who ends TLS, and where the certificate comes from.',
  source: 'ASVS v5.0.0-12.2.1',
  example: "gateway: { tls: { cert: '/etc/ssl/site.pem', key: '/etc/ssl/site.key' } }",
};
