/** TLS on the command line of the gateway. */
import type { Command } from 'commander';
import type { GatewayTlsOptions, TlsSettings } from '../gateway/options/tls.options.ts';
import { tls as tlsOption } from '../gateway/options/tls.options.ts';
import { checkFlag } from './flag.ts';
import { WrongUse } from './terminal.ts';

/** What may be said of it. */
export interface TlsFlags {
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly acme?: true | string;
  readonly httpListen?: string;
}

/** Gives the command its options of TLS. */
export function defineTls(command: Command): Command {
  return command
    .option(
      '--tls-cert <file>',
      'a certificate with the chain behind it, in PEM; it is taken anew when it changes',
    )
    .option('--tls-key <file>', 'the key of that certificate, in PEM')
    .option('--acme [email]', "fetch a certificate from Let's Encrypt, whose terms you agree to by this")
    .option('--http-listen <address>', 'where plain http is sent to https: HOST:PORT, such as 0.0.0.0:80');
}

/** The options that the flags are; undefined where they say nothing of it. */
export function tlsOf({ tlsCert, tlsKey, acme }: TlsFlags): GatewayTlsOptions | undefined {
  if (acme !== undefined && (tlsCert ?? tlsKey) !== undefined)
    throw new WrongUse('--acme fetches a certificate, and --tls-cert has one: leave one of the two out.');
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw new WrongUse('--tls-cert and --tls-key go together: the certificate, and its key.');
  if (acme !== undefined) {
    const options = { acme: acme === true ? {} : { email: acme } };
    checkFlag('--acme', tlsOption, options);
    return options;
  }
  return tlsCert === undefined || tlsKey === undefined ? undefined : { cert: tlsCert, key: tlsKey };
}

/** What the screen says of it. */
export function tlsRow(settings: TlsSettings | undefined): string {
  if (settings === undefined) return 'none: it is ended in front of the gateway; see --tls-cert and --acme';
  if ('cert' in settings) return `ended here, by ${settings.cert}`;
  const { directory, folder } = settings.acme;
  return `ended here, by a certificate of ${new URL(directory).host}, kept in ${folder}`;
}
