/** The real Caddy on the shipped deploy/Caddyfile: only ports, paths and the certificate are the test's own. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCertificate } from '../support/certificate.ts';
import { launch, startOnFreePorts, substitute, temporaryFolder } from './processes.ts';
import type { StartProxy } from './proxy-suite.ts';

const SHIPPED = join(import.meta.dirname, '../../deploy/Caddyfile');
const HOST = 'files.example.com';

/** Starts Caddy in front of a port. */
export const startCaddy: StartProxy = async (upstreamPort) => {
  const folder = temporaryFolder();
  const { key, cert } = makeCertificate(HOST);
  const file = join(folder.path, 'Caddyfile');
  writeFileSync(join(folder.path, 'key.pem'), key, { mode: 0o600 });
  writeFileSync(join(folder.path, 'cert.pem'), cert);
  const env = {
    DOMAIN: HOST,
    UPSTREAM: `127.0.0.1:${upstreamPort}`,
    HOME: folder.path,
    XDG_DATA_HOME: folder.path,
  };
  const { program, httpPort, httpsPort } = await startOnFreePorts((ports) => {
    writeFileSync(file, withOtherPlaces(readFileSync(SHIPPED, 'utf8'), folder.path, ports));
    return launch('caddy', ['run', '--adapter', 'caddyfile', '--config', file], { env, cwd: folder.path });
  });
  const stop = async (): Promise<void> => {
    await program.stop();
    folder.remove();
  };
  return { httpPort, httpsPort, host: HOST, certificate: cert, said: program.said, stop };
};

function withOtherPlaces(
  shipped: string,
  folder: string,
  { httpPort, httpsPort }: { readonly httpPort: number; readonly httpsPort: number },
): string {
  return substitute(shipped, [
    [
      /^\tadmin off$/gm,
      `\tadmin off\n\thttp_port ${httpPort}\n\thttps_port ${httpsPort}\n\tdefault_bind 127.0.0.1`,
    ],
    [/^:443 \{$/gm, `:${httpsPort} {`],
    [/^:80 \{$/gm, `:${httpPort} {`],
    [/^\{\$DOMAIN\} \{$/gm, `{$DOMAIN} {\n\ttls ${join(folder, 'cert.pem')} ${join(folder, 'key.pem')}`],
  ]);
}
