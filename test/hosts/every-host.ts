/** Every face of the layer: those within an application, and the gateway before one. */
import { gatewayHost, http2GatewayHost, tlsGatewayHost } from './gateway-host.ts';
import { type Host, HOSTS } from './hosts.ts';

/** The hosts that the same is asked of, whatever the application behind them is written in. */
export const EVERY_HOST: Readonly<Record<string, Host>> = {
  ...HOSTS,
  'the gateway': gatewayHost,
  'the gateway, over TLS': tlsGatewayHost,
  'the gateway, over HTTP/2': http2GatewayHost,
};
