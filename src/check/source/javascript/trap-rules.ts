/** Traps of Node.js applications: what is measured and not counted, and what is believed that anybody can send. */
import type { SourceRule } from '../source-rule.ts';
import type { Expression, Scope } from './ast.ts';
import type { JavaScriptFile } from './javascript-file.ts';
import { javaScriptRule } from './javascript-rule.ts';
import { allOf, spelled } from './parts.ts';

const REMEMBERS =
  /last_?(?:otp|totp|used|counter|step|code|token|delta)|used_?(?:codes?|otps?|tokens?)|replay|timestep/i;

/** Rules about them. */
export const javaScriptTrapRules: readonly SourceRule[] = [
  javaScriptRule({
    id: 'javascript.chunked-body',
    title: 'A body is counted as it comes, and not by what it says of itself',
    level: 'warning',
    guide: 8,
    asvs: ['v5.0.0-5.2.1 (in part)'],
    cwe: ['CWE-770'],
    why: 'A body that is sent in chunks names no length: it goes past the comparison, however large it is.',
    words: /content-length/i,
    look(file, say) {
      for (const scope of file.parsed.scopes) {
        for (const test of scope.tests) {
          const compared = [...allOf(test)].some(
            (one) =>
              one.kind === 'binary' &&
              /^[<>]=?$/.test(one.operator) &&
              [one.left, one.right].some((side) => readsLength(side, scope, file)),
          );
          // What counts the bytes besides, or refuses what names no length, is no trap.
          if (
            !compared ||
            /bodyLimit|express\.(?:json|raw|text)|body-parser|raw-body|transfer-encoding|\.destroy\(|chunk\.length|byteLength/.test(
              file.source.text,
            )
          )
            continue;
          say({
            at: { file: file.source, at: test.at },
            message: 'the length that a request names is compared, and one that is sent in chunks names none',
            fix: "let size = 0;\nrequest.on('data', (chunk) => { size += chunk.length; if (size > LIMIT) request.destroy(); });  // or express.json({ limit })",
          });
        }
      }
    },
  }),
  javaScriptRule({
    id: 'javascript.upload-type',
    title: 'What an uploaded file is, its bytes say, and not whoever sends it',
    level: 'warning',
    guide: 12,
    asvs: ['v5.0.0-5.2.2 (in part)'],
    cwe: ['CWE-434'],
    why: 'A page of HTML that is sent as image/png is taken, and runs as the site where it is served again.',
    words: /mimetype|fileFilter/,
    look(file, say) {
      if (/file-type|fileTypeFrom|sharp\(|mmmagic|magic-bytes|detectFile/.test(file.source.text)) return;
      const told = new Set<number>();
      for (const scope of file.parsed.scopes) {
        if (![...around(scope)].some((one) => /@?file(?:s|\[\])?$/i.test(nameOf(one)) || isFilter(one)))
          continue;
        for (const whole of [...scope.tests, ...scope.returns, ...scope.calls]) {
          const sent = [...allOf(whole)].find(
            (one) =>
              one.kind === 'member' &&
              one.name === 'mimetype' &&
              /(?:^|\.)(?:file|upload|part|picture|image|avatar)$/i.test(spelled(one.object) ?? ''),
          );
          const line = sent === undefined ? 0 : file.source.where(sent.at).line;
          if (sent === undefined || told.has(line)) continue;
          told.add(line);
          say({
            at: { file: file.source, at: sent.at },
            message: 'a file is taken for what its sender says that it is',
            fix: 'const { mime } = (await fileTypeFromBuffer(file.buffer)) ?? {};  // file-type; and pictures written again by sharp',
          });
        }
      }
    },
  }),
  javaScriptRule({
    id: 'javascript.totp-replay',
    title: 'A code of an authenticator works once',
    level: 'warning',
    guide: 7,
    asvs: ['v5.0.0-6.5.1 (in part)'],
    cwe: ['CWE-294'],
    why: 'Whoever looks over a shoulder, or runs a page that passes the code on, has half a minute to sign in with it once more.',
    words: /otplib|speakeasy|otpauth|node-2fa/,
    look(file, say) {
      if (REMEMBERS.test(file.source.text)) return;
      for (const { call, scope } of file.calls('verify', 'check', 'validate', 'verifyDelta', 'verifyToken')) {
        const path = file.path(call.callee, scope) ?? '';
        if (
          !/^(?:otplib(?:\.(?:authenticator|totp))?|speakeasy\.totp|otpauth\.TOTP\(\)|node-2fa)\.(?:verify|check|validate|verifyDelta|verifyToken)$/i.test(
            path,
          )
        )
          continue;
        say({
          at: { file: file.source, at: call.at },
          message: 'a code is taken as often as it is sent, as long as it is valid',
          fix: 'if (step <= user.lastTotpStep) return refuse();\nuser.lastTotpStep = step;  // kept with the account, in the same transaction',
        });
      }
    },
  }),
  javaScriptRule({
    id: 'javascript.websocket-origin',
    title: 'A WebSocket is opened by pages of the site alone',
    level: 'error',
    guide: 6,
    asvs: ['v5.0.0-4.4.2 (in part)'],
    cwe: ['CWE-1385'],
    words: /WebSocketServer|WebSocket\.Server|socket\.io|Server\(/,
    look(file, say) {
      for (const { call, scope } of file.calls('WebSocketServer', 'Server')) {
        const path = file.path(call.callee, scope) ?? '';
        const options = call.args.map((one) => file.optionsOf(one, scope)).find((one) => one !== undefined);
        if (/^ws\.(?:WebSocketServer|Server|WebSocket\.Server)$/.test(path)) {
          // Who sends no cookies along is signed in by what the page itself sends.
          const byCookie = names(file, /cookie|session/i);
          if (
            names(file, /^(?!cors).*origin/i) ||
            options?.open === true ||
            options?.has('noServer') === true
          )
            continue;
          say({
            at: { file: file.source, at: call.at },
            level: byCookie ? 'error' : 'note',
            message: byCookie
              ? 'any site may open a WebSocket as whoever is signed in'
              : 'nobody asks which page opens a WebSocket',
            fix: "new WebSocketServer({ server, verifyClient: ({ origin }) => origin === 'https://app.example.com' })",
          });
        }
        if (/^socket\.io(?:\.Server)?$/.test(path)) {
          const cors = options?.inner('cors');
          const origin = cors?.value('origin');
          const any =
            (origin?.kind === 'string' && origin.value === '*') ||
            (origin?.kind === 'constant' && origin.value === true);
          if (!any || cors?.plain('credentials') !== true) continue;
          say({
            at: { file: file.source, at: call.at },
            message: 'any site may open a connection as whoever is signed in',
            fix: "new Server(server, { cors: { origin: ['https://app.example.com'], credentials: true } })",
            confidence: 'high',
          });
        }
      }
    },
  }),
  javaScriptRule({
    id: 'javascript.multipart',
    title: 'Forms with files are read by a parser',
    level: 'warning',
    guide: 12,
    asvs: ['v5.0.0-5.4.1 (in part)'],
    cwe: ['CWE-436'],
    why: 'Two names of one file, one in another encoding or without quotes: what one reader checks, another stores.',
    words: /filename\\?\*?=/,
    look(file, say) {
      if (!/multipart|boundary/.test(file.source.text)) return;
      // In a browser it is the name under which an answer is kept, and no form is read there.
      if (/\bgetResponseHeader\(|\bcreateObjectURL\(|\bdocument\.createElement\(/.test(file.source.text))
        return;
      for (const scope of file.parsed.scopes) {
        for (const whole of [...scope.calls, ...[...scope.bindings.values()].flat()]) {
          const read = [...allOf(whole)].find(
            (one) => one.kind === 'regex' && /filename\\?\*?=/.test(one.text),
          );
          if (read === undefined) continue;
          say({
            at: { file: file.source, at: read.at },
            message: 'the name of a file is read out of its header by hand',
            fix: 'multer({ storage, limits: { files: 5, fileSize: 10_000_000 } })  // and a name of your own: crypto.randomUUID()',
          });
        }
      }
    },
  }),
  javaScriptRule({
    id: 'javascript.forwarded-header',
    title: 'What a proxy says is read by who knows the proxy',
    level: 'warning',
    guide: 9,
    asvs: ['v5.0.0-4.1.3 (in part)'],
    cwe: ['CWE-348'],
    why: 'Any client can send the header: whoever limits, logs or lets in by it goes by what a stranger says.',
    words: /x-forwarded-for|x-real-ip/i,
    look(file, say) {
      const told = new Set<number>();
      for (const scope of file.parsed.scopes) {
        for (const whole of [
          ...scope.calls,
          ...scope.returns,
          ...scope.tests,
          ...[...scope.bindings.values()].flat(),
        ]) {
          for (const one of allOf(whole)) {
            if (!readsForwarded(one, scope, file) || told.has(file.source.where(one.at).line)) continue;
            told.add(file.source.where(one.at).line);
            say({
              at: { file: file.source, at: one.at },
              message: 'the address of a client is read by hand, out of a header that any client can send',
              fix: "app.set('trust proxy', '10.0.0.5');  // then: request.ip",
            });
          }
        }
      }
    },
  }),
];

/** Whether code of a file names something: what a comment says, or an option for answers (`cors: { origin }`), asks nobody. */
function names({ parsed }: JavaScriptFile, word: RegExp): boolean {
  return parsed.scopes.some(
    ({ bindings, calls, returns, tests, name }) =>
      word.test(name) ||
      [...bindings].some(([id, values]) => word.test(id) || values.some((value) => speaksOf(value, word))) ||
      [...calls, ...returns, ...tests].some((one) => speaksOf(one, word)),
  );
}

function speaksOf(whole: Expression, word: RegExp): boolean {
  for (const one of allOf(whole)) {
    const said =
      one.kind === 'member' ? one.name
      : one.kind === 'name' ? one.id
      : one.kind === 'string' ? one.value
      : one.kind === 'import' ? one.from
      : ''; // prettier-ignore
    if (word.test(said)) return true;
  }
  return false;
}

const ADDRESS = /^x-(?:forwarded-for|real-ip)$/i;
const LENGTH = /^content-length$/i;

/** `req.headers['x-forwarded-for']`, `req.get('X-Forwarded-For')`, `c.req.header(...)`: of a request, not of what is sent. */
function readsForwarded(one: Expression, scope: Scope, file: JavaScriptFile): boolean {
  return readsHeader(one, ADDRESS, scope, file);
}

function readsLength(one: Expression, scope: Scope, file: JavaScriptFile): boolean {
  return [...allOf(file.valueOf(one, scope).value)].some((part) => readsHeader(part, LENGTH, scope, file));
}

function readsHeader(one: Expression, name: RegExp, scope: Scope, file: JavaScriptFile): boolean {
  if (one.kind === 'member' || one.kind === 'index') {
    const key = one.kind === 'member' ? one.name : one.index.kind === 'string' ? one.index.value : '';
    return name.test(key) && OF_REQUEST.test(file.path(one.object, scope) ?? '');
  }
  if (one.kind !== 'call' || one.args[0]?.kind !== 'string' || !name.test(one.args[0].value)) return false;
  return ASKS.test(file.path(one.callee, scope) ?? '');
}

const OF_REQUEST = /^@(?:(?:\w+\.)?(?:req|request)\.)?headers$/;
const ASKS = /^@(?:(?:c|ctx|context)\.)?(?:(?:req|request)\.)?(?:get|header|headers\.get)$/;

function* around(scope: Scope): Generator<Scope> {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) yield at;
}

function nameOf({ name }: Scope): string {
  return name;
}

/** A step of multer, or a handler: elsewhere a `mimetype` is of a file that lies on a disk. */
function isFilter(scope: Scope): boolean {
  return scope.handler || /filter/i.test(scope.name) || scope.bindings.has('file');
}
