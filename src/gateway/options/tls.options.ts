/** Where the gateway ends TLS: by a certificate in files. */
import {
  isPlainObject,
  type OptionSpec,
  type OptionTable,
  type Read,
  readOptions,
  Unfit,
} from '../../core/options.ts';

/** A certificate in files, which somebody else renews. They are looked at every two seconds. */
export interface TlsFilesOptions {
  /** Path of the certificate with the chain behind it, in PEM. */
  cert: string;
  /** Path of its key, in PEM, without a passphrase. */
  key: string;
}

/** How the gateway ends TLS. */
export type GatewayTlsOptions = TlsFilesOptions;

/** {@link GatewayTlsOptions}, read. */
export type TlsSettings = Readonly<TlsFilesOptions>;

const path: Read<string> = (value) => {
  if (typeof value !== 'string' || value === '' || value.includes('\0'))
    throw new Unfit('the path of a file');
  return value;
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

const FIT = 'a certificate and its key, as paths';

const readTls: Read<TlsSettings | undefined> = (value, at, problems) => {
  if (value === undefined) return undefined;
  if (!isPlainObject(value) || !('cert' in value && 'key' in value)) throw new Unfit(FIT);
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
