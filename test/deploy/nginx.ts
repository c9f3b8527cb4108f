/** The real nginx on the shipped deploy/nginx.conf: only ports, paths and the certificate are the test's own. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCertificate } from '../support/certificate.ts';
import { launch, startOnFreePorts, substitute, temporaryFolder } from './processes.ts';
import type { Proxy } from './proxy-suite.ts';

const SHIPPED = join(import.meta.dirname, '../../deploy/nginx.conf');
const HOST = 'files.example.com';

/** A running nginx. */
export interface Nginx extends Proxy {
  /** Where it keeps everything. */
  readonly folder: string;
  readonly accessLog: () => string;
}

/** Starts nginx in front of a port. */
export const startNginx = async (upstreamPort: number): Promise<Nginx> => {
  const folder = temporaryFolder();
  const { key, cert } = makeCertificate(HOST);
  // Its workers are somebody else when the master is root, and have to get in.
  chmodSync(folder.path, 0o755);
  for (const part of ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi', 'acme'])
    mkdirSync(join(folder.path, part));
  writeFileSync(join(folder.path, 'key.pem'), key, { mode: 0o600 });
  writeFileSync(join(folder.path, 'cert.pem'), cert);
  const file = join(folder.path, 'nginx.conf');
  const { program, httpPort, httpsPort } = await startOnFreePorts((ports) => {
    writeFileSync(
      file,
      withOtherPlaces(readFileSync(SHIPPED, 'utf8'), folder.path, { ...ports, upstreamPort }),
    );
    return launch('nginx', ['-p', folder.path, '-c', file, '-g', 'daemon off;']);
  });
  const said = (): string => program.said() + readFileSync(join(folder.path, 'error.log'), 'utf8');
  const accessLog = (): string => readFileSync(join(folder.path, 'access.log'), 'utf8');
  const stop = async (): Promise<void> => {
    await program.stop();
    folder.remove();
  };
  return { httpPort, httpsPort, host: HOST, certificate: cert, folder: folder.path, said, accessLog, stop };
};

function withOtherPlaces(
  shipped: string,
  folder: string,
  ports: { readonly httpPort: number; readonly httpsPort: number; readonly upstreamPort: number },
): string {
  return substitute(shipped, [
    [/^ *listen \[::\]:.*\n/gm, ''],
    [/\blisten 80\b/g, `listen 127.0.0.1:${ports.httpPort}`],
    [/\blisten 443\b/g, `listen 127.0.0.1:${ports.httpsPort}`],
    [/\b127\.0\.0\.1:3000\b/g, `127.0.0.1:${ports.upstreamPort}`],
    [/\/run\/nginx\.pid/g, join(folder, 'nginx.pid')],
    [/\/var\/log\/nginx\//g, `${folder}/`],
    [/\/var\/www\/acme/g, join(folder, 'acme')],
    [/\S+\/fullchain\.pem/g, join(folder, 'cert.pem')],
    [/\S+\/privkey\.pem/g, join(folder, 'key.pem')],
    // Where it keeps what it buffers is compiled in otherwise.
    [/^http \{$/gm, `http {\n${temporaryPaths(folder)}`],
  ]);
}

function temporaryPaths(folder: string): string {
  return ['client_body:body', 'proxy:proxy', 'fastcgi:fastcgi', 'uwsgi:uwsgi', 'scgi:scgi']
    .map((pair) => pair.split(':'))
    .map(([directive, name = '']) => `    ${directive}_temp_path ${join(folder, name)};`)
    .join('\n');
}
