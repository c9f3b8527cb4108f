/** nginx in front of an application, and for its files. */
import type { SourceRule } from '../source-rule.ts';
import { type ConfigRule, configRules } from './config-rule.ts';
import { allDirectives, type Directive, inForce, type Nginx } from './nginx.ts';
import { HSTS_LINE, takesHeader } from './nginx-headers.ts';
import { wholeNginx } from './nginx-includes.ts';

const SECURITY =
  /^(?:strict-transport-security|content-security-policy|x-content-type-options|x-frame-options|referrer-policy|permissions-policy|cross-origin-\w+-policy)$/i;
/** Decoded by nginx: a line break in the address becomes one in what is sent. */
const DECODED = /\$\{?(?:uri|document_uri)\b/;
const CLIENTS = /\$\{?(?:http_\w+|arg_\w+|args|query_string|cookie_\w+|host)\b/;

const named = (block: readonly Directive[], ...names: readonly string[]): readonly Directive[] =>
  [...allDirectives(block)].filter(({ name }) => names.includes(name));

const rules: readonly ConfigRule<Nginx>[] = [
  {
    id: 'config.nginx-alias',
    title: 'No location of nginx leads out of its folder',
    level: 'error',
    guide: 12,
    asvs: ['v5.0.0-5.3.2 (in part)'],
    cwe: ['CWE-22'],
    look({ top }, _file, say) {
      for (const location of named(top, 'location')) {
        const [path = '', ...more] = location.args;
        const alias = location.block?.find(({ name }) => name === 'alias');
        if (
          alias === undefined ||
          more.length > 0 ||
          path.endsWith('/') ||
          path.startsWith('=') ||
          !alias.args[0]?.endsWith('/')
        )
          continue;
        say({
          at: location,
          message: `${path}../ is a path beside the folder that is served`,
          fix: `location ${path}/ { alias ${alias.args[0]}; }`,
        });
      }
    },
  },
  {
    id: 'config.nginx-tls',
    title: 'nginx speaks TLS 1.2 and 1.3 alone, with ciphers that hold',
    level: 'error',
    guide: 2,
    asvs: ['v5.0.0-12.1.1 (in part)', 'v5.0.0-12.1.2 (in part)'],
    cwe: ['CWE-326', 'CWE-327'],
    look({ top }, _file, say) {
      for (const { name, args, at, file } of named(
        top,
        'ssl_protocols',
        'ssl_ciphers',
        'proxy_ssl_protocols',
        'proxy_ssl_verify',
      )) {
        const old = args.filter((one) => /^(?:SSLv[23]|TLSv1(?:\.1)?)$/.test(one));
        if (name.endsWith('protocols') && old.length > 0)
          say({
            at: { file, at },
            message: `${old.join(', ')} can be undone`,
            fix: `${name} TLSv1.2 TLSv1.3;`,
          });
        const weak = args
          .join(':')
          .split(/[:,\s]/)
          .find((one) => /^(?!!|-).*(?:RC4|DES|MD5|NULL|EXP|ADH|AECDH|LOW)\b/.test(one));
        if (name === 'ssl_ciphers' && weak !== undefined)
          say({
            at: { file, at },
            message: `${weak} is among the ciphers`,
            fix: 'ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;',
          });
      }
    },
  },
  {
    id: 'config.nginx-headers',
    title: 'Headers that nginx sets are on every answer',
    level: 'warning',
    guide: 4,
    asvs: ['v5.0.0-3.4.1 (in part)', 'v5.0.0-3.4.3 (in part)', 'v5.0.0-3.4.4 (in part)'],
    cwe: ['CWE-693'],
    look({ top }, _file, say) {
      if (named(top, 'add_header_inherit').length > 0) return;
      for (const block of [...allDirectives(top)].filter((one) => one.block !== undefined)) {
        const own = headersOf(block);
        const lost = [...inherited(block)].filter((one) => SECURITY.test(one) && !own.has(one));
        const [first] = block.block?.filter(({ name }) => name === 'add_header') ?? [];
        if (first !== undefined && lost.length > 0)
          say({
            at: first,
            message: `an add_header here drops those around it: ${lost.join(', ')}`,
            fix: 'include snippets/security-headers.conf;  # in each block that has an add_header of its own',
          });
      }
      for (const { args, at, file } of named(top, 'add_header')) {
        if (SECURITY.test(args[0] ?? '') && args[2] !== 'always')
          say({
            at: { file, at },
            level: 'note',
            message: `${args[0] ?? ''} is missing on errors`,
            fix: `add_header ${args[0] ?? ''} "..." always;`,
          });
      }
    },
  },
  {
    id: 'config.nginx-hsts',
    title: 'nginx tells browsers to come back over https',
    level: 'warning',
    guide: 2,
    asvs: ['v5.0.0-3.4.1 (in part)'],
    cwe: ['CWE-319'],
    look({ top }, _file, say) {
      if (named(top, 'add_header').some(({ args }) => /^strict-transport-security$/i.test(args[0] ?? '')))
        return;
      for (const server of named(top, 'server')) {
        const listens = server.block?.filter(({ name }) => name === 'listen') ?? [];
        const tls = listens.some(({ args }) => args.includes('ssl') || args.includes('quic'));
        // What stands behind may send it, as Bulwark does.
        const passes =
          named(server.block ?? [], 'proxy_pass', 'fastcgi_pass', 'uwsgi_pass', 'grpc_pass', 'include')
            .length > 0;
        if (tls && !passes)
          say({
            at: server,
            message: 'pages over https say nothing of coming back that way',
            fix: takesHeader(server)
              ? HSTS_LINE
              : `${HSTS_LINE}  # beside the other headers: in a block without any, it drops those of the block around it`,
          });
      }
    },
  },
  {
    id: 'config.nginx-proxy',
    title: "nginx tells the application who asks, and takes nobody's word for it",
    level: 'error',
    guide: 9,
    asvs: ['v5.0.0-15.3.4 (in part)'],
    cwe: ['CWE-348'],
    look({ top }, _file, say) {
      for (const { name, args, at, file } of named(top, 'proxy_set_header', 'set_real_ip_from')) {
        if (name === 'set_real_ip_from' && /^(?:0\.0\.0\.0\/0|::\/0)$/.test(args[0] ?? ''))
          say({
            at: { file, at },
            message: 'whatever a client says about its own address is believed',
            fix: 'set_real_ip_from 10.0.0.0/8;  # the load balancer',
          });
        const header = args[0]?.toLowerCase() ?? '';
        const spoofed =
          /^x-(?:forwarded-for|real-ip|forwarded-proto|forwarded-host)$/.test(header) &&
          new RegExp(`\\$http_${header.replaceAll('-', '_')}\\b`).test(args[1] ?? '');
        if (name === 'proxy_set_header' && spoofed)
          say({
            at: { file, at },
            level: 'warning',
            message: `${args[0] ?? ''} is handed on as the client sent it`,
            fix: 'proxy_set_header X-Forwarded-For $remote_addr;\nproxy_set_header X-Forwarded-Proto $scheme;',
          });
      }
      for (const pass of named(top, 'proxy_pass')) {
        const place = pass.parent ?? pass;
        const knows = [...ancestors(place)].some(
          (one) =>
            one.block?.some(
              ({ name, args }) =>
                name === 'include' ||
                (name === 'proxy_set_header' &&
                  /^(?:x-forwarded-for|x-real-ip|forwarded)$/i.test(args[0] ?? '')),
            ) === true,
        );
        if (!knows && /^https?:\/\/(?!unix:)/.test(pass.args[0] ?? ''))
          say({
            at: pass,
            level: 'note',
            message: 'the application is not told who asks: all clients share one limit',
            fix: 'proxy_set_header X-Forwarded-For $remote_addr;',
          });
      }
    },
  },
  {
    id: 'config.nginx-address',
    title: 'No address that nginx goes or sends to is chosen by a client',
    level: 'error',
    guide: 9,
    asvs: ['v5.0.0-1.3.6 (in part)', 'v5.0.0-3.7.2 (in part)'],
    cwe: ['CWE-918', 'CWE-601'],
    look({ top }, _file, say) {
      for (const { args, at, file } of named(top, 'proxy_pass')) {
        const host = /^https?:\/\/(?<host>[^/]*)/.exec(args[0] ?? '')?.groups?.['host'] ?? '';
        if (CLIENTS.test(host))
          say({
            at: { file, at },
            message: 'a client names the host that is asked',
            fix: 'proxy_pass http://127.0.0.1:8000;',
          });
        else if (DECODED.test(args[0] ?? ''))
          say({
            at: { file, at },
            level: 'warning',
            message: 'a line break in an address becomes one in the request that is handed on',
            fix: 'proxy_pass http://127.0.0.1:8000;  # without a variable, or with $request_uri',
          });
      }
      for (const { name, args, at, parent, file } of named(top, 'return', 'rewrite', 'add_header')) {
        const target = name === 'return' ? (args[1] ?? args[0] ?? '') : (args[1] ?? '');
        if (DECODED.test(target) && (name !== 'rewrite' || /^https?:/.test(target)))
          say({
            at: { file, at },
            level: 'error',
            message: 'a line break in an address becomes a header of the answer',
            fix: 'return 301 https://www.example.com$request_uri;',
          });
        else if (
          name === 'return' &&
          /^https?:\/\/\$(?:host|http_host)\b/.test(target) &&
          takesAnyHost(parent)
        )
          say({
            at: { file, at },
            level: 'warning',
            message: 'whatever host a client names is where it is sent',
            fix: 'server_name www.example.com;\nreturn 301 https://www.example.com$request_uri;',
          });
      }
    },
  },
  {
    id: 'config.nginx-shown',
    title: 'nginx shows no lists of files and not which version it is',
    level: 'warning',
    guide: 10,
    asvs: ['v5.0.0-13.4.3 (in part)', 'v5.0.0-13.4.6 (in part)'],
    cwe: ['CWE-548', 'CWE-497'],
    look({ top }, _file, say) {
      for (const { args, at, file } of named(top, 'autoindex')) {
        if (args[0] === 'on')
          say({ at: { file, at }, message: 'lists of files are shown', fix: 'autoindex off;' });
      }
      for (const server of named(top, 'server')) {
        if (server.parent?.name === 'upstream' || server.block === undefined) continue;
        if (inForce(server, 'server_tokens')?.args[0] === 'off' || named(server.block, 'include').length > 0)
          continue;
        say({
          at: server,
          level: 'note',
          message: 'errors say which version of nginx this is, unless another file turns it off',
          fix: 'server_tokens off;',
        });
      }
    },
  },
  {
    id: 'config.nginx-limit',
    title: 'nginx takes no body without an end',
    level: 'warning',
    guide: 8,
    asvs: ['v5.0.0-15.2.2 (in part)'],
    cwe: ['CWE-770'],
    look({ top }, _file, say) {
      for (const { args, at, file } of named(top, 'client_max_body_size')) {
        if (/^0\w?$/.test(args[0] ?? ''))
          say({ at: { file, at }, message: 'a body may be of any length', fix: 'client_max_body_size 10m;' });
      }
    },
  },
];

/** By its name alone. */
const reads = (path: string): boolean =>
  /\.conf$|(?:^|\/)(?:sites-(?:available|enabled)|conf\.d|nginx)\/[\w.-]+$|\.nginx$|(?:^|\/)nginx[\w.-]*\.(?:conf\.template|tmpl)$/.test(
    path,
  ) && !/\.(?:service|sh|ya?ml|json|md|env)$/.test(path);

/** Rules about nginx. */
export const nginxRules: readonly SourceRule[] = configRules(
  {
    reads,
    parse: (file, tree) => wholeNginx(file, tree, reads),
  },
  rules,
);

function headersOf({ block = [] }: Directive): ReadonlySet<string> {
  return new Set(
    block.filter(({ name }) => name === 'add_header').map(({ args }) => args[0]?.toLowerCase() ?? ''),
  );
}

/** What would hold here, had the block no header of its own. */
function inherited(block: Directive): ReadonlySet<string> {
  for (let one = block.parent; one !== undefined; one = one.parent) {
    const headers = headersOf(one);
    if (headers.size > 0) return headers;
  }
  return new Set();
}

function* ancestors(from: Directive): Generator<Directive> {
  for (let one: Directive | undefined = from; one !== undefined; one = one.parent) yield one;
}

function takesAnyHost(at: Directive | undefined): boolean {
  const server = at === undefined ? undefined : [...ancestors(at)].find(({ name }) => name === 'server');
  const names = server?.block?.find(({ name }) => name === 'server_name')?.args ?? [];
  const byDefault =
    server?.block?.some(({ name, args }) => name === 'listen' && args.includes('default_server')) === true;
  return server !== undefined && (byDefault || names.length === 0 || names.includes('_'));
}
