/**
 * Which findings are mended by a program: settings, headers, pins and lines of images, where what stands there has the one form that a fix
 * expects. A key, a query or a route is code, and its meaning is nobody's guess.
 */
import type { Finding } from '../finding.ts';
import { readDockerfile } from '../source/config/dockerfile.ts';
import { HSTS_LINE } from '../source/config/nginx-headers.ts';
import { SourceFile } from '../source/source-file.ts';
import {
  type Edit,
  insertLine,
  insideBrackets,
  lineAround,
  lineEnd,
  replaceOnce,
  type Spot,
} from './edit.ts';
import { pinRequirements } from './pin-requirements.ts';

/** A finding, the file that it is in, and what is installed beside it. */
export interface Found extends Spot {
  readonly finding: Finding;
  /** Versions of Python packages that are installed in the tree, by name. */
  readonly installed: ReadonlyMap<string, string>;
}

type Fixer = (found: Found) => readonly Edit[] | undefined;

/** The edits that mend a finding; undefined where it is nothing that is written without a person. */
export function fixFor(found: Found): readonly Edit[] | undefined {
  return FIXERS[found.finding.rule]?.(found);
}

const onLine =
  (pattern: RegExp, replacement: string): Fixer =>
  (found) =>
    replaceOnce(found.text, lineAround(found), pattern, replacement);

const inCall =
  (pattern: RegExp, replacement: string): Fixer =>
  (found) =>
    replaceOnce(found.text, insideBrackets(found, '('), pattern, replacement);

/** Nothing more is worked out with it. */
const END = String.raw`(?=\s*(?:[,)}\]#;]|$))`;

/** `app.config['X'] = False`, `X = False`, `X=False`, `'X': False`. */
const setting = (name: string, was: string): RegExp =>
  new RegExp(`(?<!\\w)${name}(?:['"]\\s*\\])?['"]?\\s*[=:]\\s*(?<was>${was})${END}`);

/** The setting where there is one; a line of its own below `app = Flask(...)` where there is none. */
const flaskSetting =
  (name: string, was: string, value: string): Fixer =>
  (found) => {
    const changed = replaceOnce(found.text, lineAround(found), setting(name, was), value);
    if (changed !== undefined) return changed;
    const { from, to } = lineAround(found);
    const made = /^[ \t]*(?<app>[A-Za-z_]\w*) = (?:flask\.)?Flask\([^()#]*\)[ \t]*(?:#.*)?$/.exec(
      found.text.slice(from, to),
    );
    const app = made?.groups?.['app'];
    return app === undefined ? undefined : insertLine(found, `${app}.config['${name}'] = ${value}`);
  };

const djangoCookies: Fixer = (found) => {
  const [, name = '', value = ''] = /^([A-Z_]+) = (True|'Lax')$/.exec(found.finding.fix) ?? [];
  if (name === '') return undefined;
  const changed = replaceOnce(found.text, lineAround(found), setting(name, 'False'), value);
  if (changed !== undefined || new RegExp(`\\b${name}\\b`).test(found.text)) return changed;
  const end = found.text.length;
  const line = lineEnd(found.text);
  const gap = /[\r\n]$|^$/.test(found.text) ? '' : line;
  return [{ from: end, to: end, text: `${gap}${name} = ${value}${line}` }];
};

/** `cookie: { secure: false }`, and what is missing beside it. */
const expressCookie: Fixer = (found) => {
  const { text, at } = found;
  const rest = text.slice(at);
  if (/^cookie\s*:\s*\{/.test(rest)) {
    const inside = insideBrackets(found, '{');
    if (inside === undefined || /[{}`]|\.\.\./.test(text.slice(inside.from, inside.to))) return undefined;
    return COOKIE.flatMap(({ name, bad, good }) => {
      const given = text.slice(inside.from, inside.to);
      const changed = replaceOnce(text, inside, new RegExp(`\\b${name}\\s*:\\s*(?<was>${bad})(?!\\w)`), good);
      if (changed !== undefined) return changed;
      // What is left out is HttpOnly by itself.
      if (name === 'httpOnly') return [];
      const comma = given.trim() === '' ? '' : ',';
      return new RegExp(`\\b${name}\\b`).test(given)
        ? []
        : [{ from: inside.from, to: inside.from, text: ` ${name}: ${good}${comma}` }];
    });
  }
  const call = insideBrackets(found, '(');
  const brace = call === undefined ? undefined : /^\s*\{/.exec(text.slice(call.from, call.to));
  if (call === undefined || brace === null || brace === undefined) return undefined;
  if (/\bcookie\b|\.\.\./.test(text.slice(call.from, call.to)) || !/^session\s*\(/.test(rest))
    return undefined;
  const place = call.from + brace[0].length;
  return [{ from: place, to: place, text: " cookie: { secure: true, sameSite: 'lax' }," }];
};

const COOKIE = [
  { name: 'secure', bad: 'false', good: 'true' },
  { name: 'httpOnly', bad: 'false', good: 'true' },
  { name: 'sameSite', bad: 'false|\'none\'|"none"', good: "'lax'" },
] as const;

/** Inside `server {`, as its first line. */
const inServer =
  (line: string): Fixer =>
  (found) => {
    const { to } = lineAround(found);
    if (!/^server\s*\{\s*(?:#.*)?$/.test(found.text.slice(found.at, to))) return undefined;
    return insertLine(found, `  ${line}`);
  };

/** What sets how the process begins, and builds nothing: a user named before any other line would build with it. */
const BEGINS: readonly string[] = ['CMD', 'ENTRYPOINT', 'EXPOSE', 'HEALTHCHECK'];

/** Above what starts the process, in the last stage, behind all that it is built of; by number, which every image knows without making an account. */
const imageUser: Fixer = (found) => {
  const { text, at, finding } = found;
  const image = readDockerfile(new SourceFile('Dockerfile', text));
  const stage = image === undefined || typeof image === 'string' ? undefined : image.stages.at(-1);
  if (stage === undefined || at < stage.at) return undefined;
  const last = stage.instructions.findLastIndex(({ name }) => !BEGINS.includes(name.toUpperCase()));
  if (!finding.message.startsWith('no USER'))
    return stage.instructions[last]?.at === at
      ? replaceOnce(text, lineAround(found), /^USER\s+(?<was>(?:root|0)(?::(?:root|0))?)\s*$/i, '10001:10001')
      : undefined;
  const start = stage.instructions.slice(last + 1).find(({ name }) => /^(?:CMD|ENTRYPOINT)$/i.test(name));
  if (start === undefined || !isAlone(text, start.at)) return undefined;
  const user = /^(?:docker\.io\/)?(?:library\/)?node(?:[:@]|$)/i.test(stage.image) ? 'node' : '10001:10001';
  return insertLine({ text, at: start.at }, `USER ${user}`, 'above');
};

/** Whether an instruction begins its line, and the line above it does not go on into it. */
function isAlone(text: string, at: number): boolean {
  const { from } = lineAround({ text, at });
  return text.slice(from, at).trim() === '' && !/\\[ \t]*(?:\r\n|\n|\r)$/.test(text.slice(0, from));
}

const FIXERS: Readonly<Record<string, Fixer>> = {
  'flask.debug': onLine(setting('(?:DEBUG|debug|use_debugger)', 'True'), 'False'),
  'flask.cookie-httponly': onLine(setting('(?:SESSION|REMEMBER)_COOKIE_HTTPONLY', 'False'), 'True'),
  'flask.cookie-secure': flaskSetting('SESSION_COOKIE_SECURE', 'False|None', 'True'),
  'flask.cookie-samesite': flaskSetting('SESSION_COOKIE_SAMESITE', 'None|\'None\'|"None"|False', "'Lax'"),
  'flask.body-limit': flaskSetting('MAX_CONTENT_LENGTH', 'None', '10 * 1024 * 1024'),
  'flask.session-lifetime': onLine(setting('PERMANENT_SESSION_LIFETIME', '0'), '1800'),
  'flask.csrf': onLine(setting('WTF_CSRF_(?:ENABLED|CHECK_DEFAULT)', 'False'), 'True'),
  'flask.csrf-lifetime': onLine(setting('WTF_CSRF_TIME_LIMIT', 'None'), '3600'),
  'flask.csrf-referrer': inCall(
    /\breferrer_policy\s*=\s*(?<was>'no-referrer'|"no-referrer")/,
    "'strict-origin-when-cross-origin'",
  ),
  'flask.https': (found) =>
    /^(?:force_https|strict_transport_security) is off$/.test(found.finding.message)
      ? inCall(
          new RegExp(`\\b${found.finding.message.split(' ', 1)[0] ?? ''}\\s*=\\s*(?<was>False)\\b`),
          'True',
        )(found)
      : inCall(/\bstrict_transport_security_max_age\s*=\s*(?<was>\d+)(?![\w*+.-])/, '63072000')(found),
  'django.debug': onLine(setting('DEBUG', 'True'), 'False'),
  'django.cookies': djangoCookies,
  'javascript.cookie': expressCookie,
  'javascript.visitor-session': onLine(/\bsaveUninitialized\s*:\s*(?<was>true)(?!\w)/, 'false'),
  'javascript.session-race': onLine(/\bresave\s*:\s*(?<was>true)(?!\w)/, 'false'),
  'config.nginx-tls': onLine(/^\s*(?:ssl|proxy_ssl|grpc_ssl)_protocols\s+(?<was>[^;#]+);/, 'TLSv1.2 TLSv1.3'),
  'config.nginx-headers': (found) =>
    found.finding.message.endsWith('is missing on errors')
      ? replaceOnce(
          found.text,
          lineAround(found),
          /^\s*add_header\s+[\w-]+\s+(?:"[^"]*"|'[^']*'|[^\s;"']+)(?<was>\s*);/,
          ' always',
        )
      : undefined,
  'config.nginx-shown': (found) =>
    found.finding.message.startsWith('lists of files')
      ? onLine(/^\s*autoindex\s+(?<was>on)\s*;/, 'off')(found)
      : inServer('server_tokens off;')(found),
  'config.nginx-limit': onLine(/^\s*client_max_body_size\s+(?<was>0\w?)\s*;/, '10m'),
  // What the rule says where a header in this block drops none of those around it.
  'config.nginx-hsts': (found) => (found.finding.fix === HSTS_LINE ? inServer(HSTS_LINE)(found) : undefined),
  'config.image-user': imageUser,
  'config.compose-port': onLine(/^\s*-\s*["']?(?<was>)\d+:\d+["']?\s*$/, '127.0.0.1:'),
  'deps.pinned': ({ text, installed }) => pinRequirements(text, installed),
};
