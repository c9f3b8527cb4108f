/** The gateway and the proxies beside it: each started alike, on one core, in front of the same application. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../load/server-process.ts';
import { LOAD_LIMIT, ORIGIN, SECRET } from '../stacks/application.ts';
import { freePort, type Program, startProgram } from './processes.ts';

/** How a proxy meets the application: by connections that it keeps, or by a new one for each request. */
export type Upstream = 'kept' | 'new';

/** One proxy, as it is set up here. */
export interface Proxy {
  readonly name: string;
  readonly upstream: Upstream;
  /** Writes its configuration into the folder, and answers with the command that runs it. */
  readonly command: (ports: Ports, folder: string) => readonly string[];
}

interface Ports {
  readonly port: number;
  readonly application: number;
}

const CONNECTIONS = ['kept', 'new'] as const;

/** What is measured beside each other. */
export const PROXIES: readonly Proxy[] = [
  ...CONNECTIONS.map((upstream) => ({ name: 'bulwark', upstream, command: bulwark(upstream) })),
  ...CONNECTIONS.map((upstream) => ({ name: 'nginx', upstream, command: nginx(upstream, '', '') })),
  {
    name: 'a relay on node:http without a policy',
    upstream: 'kept',
    command: relay(join(import.meta.dirname, 'bare-relay.ts')),
  },
  {
    name: 'a relay on raw sockets without a policy',
    upstream: 'kept',
    command: relay(join(import.meta.dirname, 'raw-relay.ts')),
  },
  { name: 'caddy', upstream: 'kept', command: caddy },
  { name: 'haproxy', upstream: 'kept', command: haproxy },
  {
    name: 'nginx with ModSecurity and CRS',
    upstream: 'kept',
    command: (ports, folder) => nginx('kept', MODSECURITY_MODULE, modSecurity(folder))(ports, folder),
  },
];

/** A proxy that runs, and its folder, which goes with it. */
export async function startProxy(proxy: Proxy, application: number, core: number): Promise<Program> {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-bench-'));
  const port = await freePort();
  const command = proxy.command({ port, application }, folder);
  const env = {
    ...process.env,
    GOMAXPROCS: '1',
    XDG_DATA_HOME: folder,
    XDG_CONFIG_HOME: folder,
    NODE_ENV: 'production',
  };
  const program = await startProgram(labelOf(proxy), port, core, command, { cwd: folder, env });
  return {
    ...program,
    stop: async () => {
      await program.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Its name, and how it meets the application. */
export function labelOf({ name, upstream }: Pick<Proxy, 'name' | 'upstream'>): string {
  return `${name}, ${upstream === 'kept' ? 'connections kept' : 'a connection a request'}`;
}

/** The command that users run, of the package as it is published: built before. */
function bulwark(upstream: Upstream): Proxy['command'] {
  return ({ port, application }, folder) => {
    const policy = join(folder, 'bulwark.config.mjs');
    writeFileSync(policy, policyFile());
    return [
      process.execPath,
      join(ROOT, 'dist/cli/bulwark.js'),
      'gateway',
      ...['--upstream', `http://127.0.0.1:${application}`],
      ...['--listen', `127.0.0.1:${port}`],
      ...['--policy', policy],
      ...['--keep-alive', upstream === 'kept' ? '60s' : 'none'],
    ];
  };
}

/** The defaults, behind what ends TLS; a limit that counts and refuses nothing. Bodies of 100 MB and slow ends are measured. */
function policyFile(): string {
  return `import { memory } from '${pathToFileURL(join(ROOT, 'dist/stores/memory/state.js')).href}';
export default {
  origin: '${ORIGIN}',
  environment: 'production',
  secrets: { name: 'bench', load: () => ['${SECRET}'], remedy: () => '' },
  state: memory(),
  proxy: { trusted: ['127.0.0.1'] },
  rateLimit: { perClient: '${LOAD_LIMIT.count}/${LOAD_LIMIT.windowSeconds}s' },
  body: { limit: '200MB' },
  timeouts: { headers: '2m', request: '10m', maxConnections: 50000, connectionsPerClient: 50000 },
  audit: { sink: () => undefined },
};
`;
}

function relay(file: string): Proxy['command'] {
  return ({ port, application }) => [process.execPath, file, String(port), String(application)];
}

/** Everything that nginx writes is in its folder; logs are off, as they are for all here. */
export function nginxConfig(folder: string, modules: string, http: string): string {
  mkdirSync(join(folder, 'tmp'), { recursive: true });
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `  ${name}_temp_path ${folder}/tmp/${name};`)
    .join('\n');
  return `user root;
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log crit;
${modules}
worker_rlimit_nofile 20000;
events { worker_connections 9000; }
http {
  access_log off;
${paths}
  keepalive_requests 1000000000;
  keepalive_timeout 600;
  client_max_body_size 200m;
${http}
}
`;
}

function nginx(upstream: Upstream, modules: string, rules: string): Proxy['command'] {
  return ({ port, application }, folder) => {
    const kept = `keepalive 64; keepalive_requests 1000000000;`;
    const connection = upstream === 'kept' ? '""' : '"close"';
    const config = nginxConfig(
      folder,
      modules,
      `  upstream application { server 127.0.0.1:${application}; ${upstream === 'kept' ? kept : ''} }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    ${rules}
    location / {
      proxy_pass http://application;
      proxy_http_version 1.1;
      proxy_set_header Connection ${connection};
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto https;
      proxy_read_timeout 600;
    }
  }`,
    );
    writeFileSync(join(folder, 'nginx.conf'), config);
    return ['nginx', '-c', join(folder, 'nginx.conf'), '-p', folder];
  };
}

const MODSECURITY_MODULE = 'load_module /usr/lib/nginx/modules/ngx_http_modsecurity_module.so;';

/** The rules as Debian ships them, at their default level of paranoia, and enforced. */
function modSecurity(folder: string): string {
  const rules = `Include /etc/nginx/modsecurity.conf
SecRuleEngine On
SecAuditEngine Off
SecAuditLog ${folder}/audit.log
Include /etc/modsecurity/crs/crs-setup.conf
Include /usr/share/modsecurity-crs/rules/*.conf
`;
  writeFileSync(join(folder, 'modsecurity.conf'), rules);
  return `modsecurity on; modsecurity_rules_file ${folder}/modsecurity.conf;`;
}

function caddy({ port, application }: Ports, folder: string): readonly string[] {
  writeFileSync(
    join(folder, 'Caddyfile'),
    `{
  admin off
  auto_https off
  log {
    output discard
  }
}
http://:${port} {
  bind 127.0.0.1
  reverse_proxy 127.0.0.1:${application} {
    header_up X-Forwarded-Proto https
    transport http {
      keepalive_idle_conns 64
      keepalive_idle_conns_per_host 64
    }
  }
}
`,
  );
  return ['caddy', 'run', '--adapter', 'caddyfile', '--config', join(folder, 'Caddyfile')];
}

function haproxy({ port, application }: Ports, folder: string): readonly string[] {
  writeFileSync(
    join(folder, 'haproxy.cfg'),
    `global
  nbthread 1
  maxconn 4096
defaults
  mode http
  option forwardfor
  http-reuse safe
  timeout connect 2s
  timeout client 10m
  timeout server 10m
  timeout http-keep-alive 10m
frontend site
  bind 127.0.0.1:${port}
  http-request set-header X-Forwarded-Proto https
  default_backend application
backend application
  server one 127.0.0.1:${application} pool-max-conn 64
`,
  );
  return ['haproxy', '-db', '-f', join(folder, 'haproxy.cfg')];
}
