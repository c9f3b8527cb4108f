/** Programs that start and serve the application: systemd, gunicorn, uWSGI, Caddy. */
import { isPlaceholder, isWrittenOut, SECRET_NAME } from '../secrets/likely-secret.ts';
import type { SourceFile } from '../source-file.ts';
import type { SourceRule } from '../source-rule.ts';
import { configRules } from './config-rule.ts';

/** A line `key = value`, below a heading. */
interface Line {
  readonly section: string;
  readonly key: string;
  readonly value: string;
  readonly at: number;
}

interface Lines {
  readonly lines: readonly Line[];
}

/**
 * Lines in their order: units of systemd and files of uWSGI say the same key several times, which libraries for INI files
 * take for one, and no library says where a line stands.
 */
function readLines(file: SourceFile): Lines {
  const lines: Line[] = [];
  let section = '';
  for (const match of file.text.matchAll(
    /^[ \t]*(?:\[(?<heading>[^\]\n]{1,80})\]|(?<key>[A-Za-z_][\w.-]{0,80})[ \t]*[:=][ \t]*(?<value>[^\n]*))$/gm,
  )) {
    const { heading, key, value = '' } = match.groups ?? {};
    if (heading !== undefined) section = heading.toLowerCase();
    else if (key !== undefined)
      lines.push({ section, key, value: value.trim(), at: match.index + match[0].indexOf(key) });
    if (lines.length > 5000) break;
  }
  return { lines };
}

const sectioned =
  (name: string) =>
  (file: SourceFile): Lines | undefined => {
    const read = readLines(file);
    return read.lines.some(({ section }) => section === name) ? read : undefined;
  };

/** `gunicorn --user shop`, `celery --uid 100`: it begins as root, and goes on as somebody else. */
const GIVES_UP_ROOT =
  /\s(?:--(?:user|uid|setuid|runas|run-as|drop-privileges-to)\b|-u\s+[a-z_$])|\b(?:runuser|setpriv|su-exec|gosu|chpst|start-stop-daemon)\b/;
/** These do not, unless they are told to. */
const KEEPS_ROOT =
  /(?:^|[\s/])(?:gunicorn3?|uvicorn|hypercorn|daphne|waitress-serve|flask|python[\d.]*|node(?:js)?|npm|npx|yarn|pnpm|deno|bun|java|ruby|puma|rails|php|dotnet)(?=\s|$)/;

const SYSTEMD: readonly SourceRule[] = configRules<Lines>(
  {
    reads: (path) => path.endsWith('.service') && !/(?:^|\/)\.config\/|user\/[^/]+$/.test(path),
    parse: sectioned('service'),
  },
  [
    {
      id: 'config.unit-user',
      title: 'The service runs as a user of its own',
      level: 'warning',
      guide: 15,
      asvs: ['v5.0.0-13.2.2 (in part)'],
      cwe: ['CWE-250'],
      look({ lines }, file, say) {
        const own = lines.filter(({ section }) => section === 'service');
        const start = own.find(({ key }) => key === 'ExecStart');
        if (
          start === undefined ||
          own.some(
            ({ key, value }) =>
              (key === 'User' && !/^(?:root|0)?$/.test(value)) ||
              (key === 'DynamicUser' && /^(?:yes|true|1|on)$/i.test(value)) ||
              // It does one thing, and ends: what it is for is often what only root may.
              (key === 'Type' && value === 'oneshot'),
          ) ||
          GIVES_UP_ROOT.test(start.value)
        )
          return;
        const keepsIt = KEEPS_ROOT.test(start.value);
        say({
          at: { file, at: own.find(({ key }) => key === 'User')?.at ?? start.at },
          level: keepsIt ? 'warning' : 'note',
          message: keepsIt
            ? 'the service is root'
            : 'the service starts as root: whether it stays so is not seen here',
          fix: 'DynamicUser=yes\nStateDirectory=app',
        });
      },
    },
    {
      id: 'config.unit-hardening',
      title: 'The service cannot gain rights, and writes where it has to',
      level: 'note',
      guide: 15,
      asvs: ['v5.0.0-13.2.2 (in part)'],
      cwe: ['CWE-250'],
      look({ lines }, file, say) {
        const own = lines.filter(({ section }) => section === 'service');
        const start = own.find(({ key }) => key === 'ExecStart');
        const dynamic = own.some(
          ({ key, value }) => key === 'DynamicUser' && /^(?:yes|true|1|on)$/i.test(value),
        );
        const implied = dynamic ? ['NoNewPrivileges', 'ProtectSystem', 'PrivateTmp'] : [];
        const missing = ['NoNewPrivileges', 'ProtectSystem', 'PrivateTmp', 'ProtectHome'].filter(
          (key) =>
            !implied.includes(key) &&
            !own.some((line) => line.key === key && !/^(?:no|false|0|off)?$/i.test(line.value)),
        );
        if (start === undefined || missing.length === 0) return;
        say({
          at: { file, at: start.at },
          message: `without ${missing.join(', ')}`,
          fix: 'NoNewPrivileges=yes\nProtectSystem=strict\nProtectHome=yes\nPrivateTmp=yes\nStateDirectory=app',
        });
      },
    },
    {
      id: 'config.unit-secret',
      title: 'No secret stands in a unit, which everybody on the host can read',
      level: 'warning',
      guide: 1,
      asvs: ['v5.0.0-13.3.1 (in part)'],
      cwe: ['CWE-798'],
      look({ lines }, file, say) {
        for (const { key, value, at } of lines) {
          if (key !== 'Environment') continue;
          for (const { groups } of value.matchAll(/(?:^|[\s"'])(?<name>\w+)=(?<text>[^\s"']+)/g)) {
            const { name = '', text = '' } = groups ?? {};
            if (SECRET_NAME.test(name) && !name.endsWith('_FILE') && isWrittenOut(text))
              say({
                at: { file, at },
                message: isPlaceholder(text)
                  ? `${name} is a word that is tried first`
                  : `${name} is written out`,
                evidence: `Environment=${name}=...`,
                fix: `LoadCredential=${name.toLowerCase()}:/etc/app/${name.toLowerCase()}`,
              });
          }
        }
      },
    },
  ],
);

const WSGI: readonly SourceRule[] = configRules<Lines>(
  {
    reads: (path) =>
      /(?:^|\/)(?:gunicorn[\w.-]*\.py|gunicorn[\w-]*\.conf|uwsgi[\w.-]*\.ini|[\w-]*uwsgi\.ini)$/.test(path),
    parse: readLines,
  },
  [
    {
      id: 'config.slow-clients',
      title: 'Who sends slowly holds no worker',
      level: 'note',
      guide: 9,
      asvs: ['v5.0.0-15.2.2 (in part)'],
      cwe: ['CWE-400'],
      why: 'A worker that reads from a client waits for it: as many half-sent requests as there are workers stop the site.',
      mend: {
        bulwark: '',
        flask:
          "worker_class = 'gthread'\nthreads = 8\nbind = 'unix:/run/app.sock'  # and a proxy in front that takes requests whole",
        nginx: 'proxy_request_buffering on;\nclient_header_timeout 10s;\nclient_body_timeout 10s;',
      },
      look({ lines }, file, say) {
        if (!/gunicorn[\w.-]*\.(?:py|conf)$/.test(file.path)) return;
        const valueOf = (key: string): string | undefined =>
          lines
            .find((line) => line.key === key)
            ?.value.replaceAll(/["']|\s+#.*$/g, '')
            .trim();
        const bind = lines.find(({ key }) => key === 'bind');
        const open = /^["']?(?:0\.0\.0\.0|\[::\]|:)/.test(bind?.value.trim() ?? '');
        const waits =
          /^(?:sync|)$/.test(valueOf('worker_class') ?? '') && !/^[2-9]|\d\d/.test(valueOf('threads') ?? '');
        if (bind === undefined || !open || !waits) return;
        say({
          at: { file, at: bind.at },
          message:
            'workers read from clients themselves, one each: as many half-sent requests as there are workers stop the site',
          fix: "bind = 'unix:/run/app.sock'  # behind a proxy that takes requests whole; or worker_class = 'gthread', threads = 8",
        });
      },
    },
    {
      id: 'config.wsgi',
      title: 'gunicorn and uWSGI believe the own proxy alone, and serve for production',
      level: 'error',
      guide: 9,
      asvs: ['v5.0.0-15.3.4 (in part)', 'v5.0.0-13.4.2 (in part)'],
      cwe: ['CWE-348', 'CWE-489'],
      look({ lines }, file, say) {
        for (const { key, value, at } of lines) {
          const text = value
            .replace(/\s+#.*$/, '')
            .replaceAll(/["']/g, '')
            .trim();
          const on = /^(?:true|1|yes|on)$/i.test(text);
          const fault =
            (key === 'forwarded_allow_ips' || key === 'proxy_allow_ips') && text === '*'
              ? ([
                  'warning',
                  'whatever a client says about its address and scheme is believed',
                  "forwarded_allow_ips = '10.0.0.5'",
                ] as const)
              : (key === 'reload' || key === 'py-autoreload') && on
                ? ([
                    'warning',
                    'it reads its source again and again, as for development',
                    `${key} = ${key === 'reload' ? 'False' : '0'}`,
                  ] as const)
                : key === 'catch-exceptions' && on
                  ? ([
                      'error',
                      'whoever causes an error is shown its stack',
                      'catch-exceptions = false',
                    ] as const)
                  : key === 'limit_request_line' && text === '0'
                    ? ([
                        'warning',
                        'a request line may be of any length',
                        'limit_request_line = 4094',
                      ] as const)
                    : key === 'timeout' && text === '0' && file.path.endsWith('.py')
                      ? (['warning', 'a worker that hangs is never replaced', 'timeout = 30'] as const)
                      : key === 'stats' && /^(?:0\.0\.0\.0)?:\d+$/.test(text)
                        ? ([
                            'warning',
                            'what the server does is shown to every network',
                            'stats = 127.0.0.1:9191',
                          ] as const)
                        : undefined;
          if (fault !== undefined)
            say({ at: { file, at }, level: fault[0], message: fault[1], fix: fault[2] });
        }
      },
    },
  ],
);

interface Caddy {
  readonly words: readonly { readonly args: readonly string[]; readonly at: number }[];
}

const CADDY: readonly SourceRule[] = configRules<Caddy>(
  {
    reads: (path) => /(?:^|\/)Caddyfile(?:\.[\w-]+)?$|\.caddyfile$/i.test(path),
    parse: (file) => ({
      words: [...file.text.matchAll(/^[ \t]*(?<line>[^\s#][^\n]*)$/gm)].map(({ index, 0: line, groups }) => ({
        args: (groups?.['line'] ?? '').replace(/\s#.*$/, '').split(/\s+/),
        at: index + line.search(/\S/),
      })),
    }),
  },
  [
    {
      id: 'config.caddy',
      mend: {
        bulwark: '',
        shell:
          'files.example.com {\n  reverse_proxy https://10.0.0.7 {\n    transport http {\n      tls_trust_pool file /etc/caddy/our-ca.pem\n    }\n  }\n}',
      },
      title: "Caddy verifies what it speaks to, believes nobody's address, and shows no lists",
      level: 'error',
      guide: 9,
      asvs: ['v5.0.0-15.3.4 (in part)', 'v5.0.0-12.3.2 (in part)', 'v5.0.0-13.4.3 (in part)'],
      cwe: ['CWE-295', 'CWE-348', 'CWE-548'],
      look({ words }, file, say) {
        for (const { args, at } of words) {
          const [name = '', ...rest] = args;
          const text = rest.join(' ');
          if (name === 'tls_insecure_skip_verify')
            say({
              at: { file, at },
              message: 'anybody on the way passes for the application',
              fix: 'tls_trust_pool file /etc/caddy/our-ca.pem',
            });
          else if (name === 'trusted_proxies' && /\b0\.0\.0\.0\/0\b|(?:^|\s)::\/0/.test(text))
            say({
              at: { file, at },
              message: 'whatever a client says about its own address is believed',
              fix: 'trusted_proxies static private_ranges',
            });
          else if (name === 'file_server' && rest.includes('browse'))
            say({
              at: { file, at },
              level: 'warning',
              message: 'lists of files are shown',
              fix: 'file_server',
            });
          else if (name === 'protocols' && /tls1\.[01]\b/.test(text))
            say({
              at: { file, at },
              level: 'warning',
              message: 'TLS versions are spoken that can be undone',
              fix: 'protocols tls1.2 tls1.3',
            });
          else if (name === 'admin' && /^(?:0\.0\.0\.0)?:\d+$/.test(text))
            say({
              at: { file, at },
              message: 'whoever reaches this port configures the server',
              fix: 'admin localhost:2019',
            });
          else if (name === 'auto_https' && rest.includes('off'))
            say({
              at: { file, at },
              level: 'warning',
              message: 'nothing is served over https by itself',
              fix: 'auto_https on  # or leave the line out',
            });
          else if (
            name === 'header_up' &&
            /^X-(?:Forwarded-For|Real-IP)\b.*\{(?:http\.request\.)?header\.X-/i.test(text)
          )
            say({
              at: { file, at },
              level: 'warning',
              message: 'an address is handed on as the client sent it',
              fix: 'header_up X-Real-IP {remote_host}',
            });
        }
      },
    },
  ],
);

/** Rules about services. */
export const serviceRules: readonly SourceRule[] = [...SYSTEMD, ...WSGI, ...CADDY];
