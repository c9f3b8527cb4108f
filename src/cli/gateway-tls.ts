/** TLS on the command line of the gateway. */
import type { Command } from 'commander';
import type { GatewayTlsOptions, TlsSettings } from '../gateway/options/tls.options.ts';
import { WrongUse } from './terminal.ts';

/** What may be said of it. */
export interface TlsFlags {
  readonly tlsCert?: string;
  readonly tlsKey?: string;
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
    .option('--http-listen <address>', 'where plain http is sent to https: HOST:PORT, such as 0.0.0.0:80');
}

/** The options that the flags are; undefined where they say nothing of it. */
export function tlsOf({ tlsCert, tlsKey }: TlsFlags): GatewayTlsOptions | undefined {
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw new WrongUse('--tls-cert and --tls-key go together: the certificate, and its key.');
  return tlsCert === undefined || tlsKey === undefined ? undefined : { cert: tlsCert, key: tlsKey };
}

/** What the screen says of it. */
export function tlsRow(settings: TlsSettings | undefined): string {
  return settings === undefined
    ? 'none: it is ended in front of the gateway; see --tls-cert'
    : `ended here, by ${settings.cert}`;
}
