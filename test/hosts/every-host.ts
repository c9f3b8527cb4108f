/** Every face of the layer: those within an application, and the gateway before one. */
import { gatewayHost, http2GatewayHost, tlsGatewayHost } from './gateway-host.ts';
import { type Host, HOSTS } from './hosts.ts';
import { webHost } from './web-host.ts';

/** The hosts that the same is asked of, whatever the application behind them is written in. */
export const EVERY_HOST: Readonly<Record<string, Host>> = {
  ...HOSTS,
  'the gateway': gatewayHost,
  'the gateway, over TLS': tlsGatewayHost,
  'the gateway, over HTTP/2': http2GatewayHost,
};

/** Those, and the one that is handed requests which a server has read: for what does not hang on the connection. */
export const WITH_WEB: Readonly<Record<string, Host>> = { ...EVERY_HOST, 'bulwark/web': webHost };
