/** What `check` asks of an application about its errors: an answer that fails must not say how it is built. */
import { type Answer, answered, type Probe } from '../../core/answer.ts';
import {
  fault,
  type Fault,
  judged,
  type Level,
  type Need,
  notSeen,
  type Outcome,
  type Rule,
  type RuleContext,
} from '../../core/rule.ts';

/** What gives an application away, and what to call it. Each stands for a page or message of a real framework. */
const LEAKS: readonly (readonly [pattern: RegExp, what: string, level: Level])[] = [
  [/\bat [^\n]{1,300}?(?:\.[cm]?[jt]sx?|\(node:[\w/]{1,60}):\d{1,6}:\d{1,6}/, 'a stack trace of JavaScript', 'error'],
  [/Traceback \(most recent call last\)|File (?:"|&quot;|&#34;)[^"\n&]{1,200}(?:"|&quot;|&#34;), line \d/, 'a stack trace of Python', 'error'],
  [/\bat [\w.$]{1,200}\([\w$]{1,100}\.(?:java|kt):\d{1,6}\)/, 'a stack trace of Java', 'error'],
  [/\.(?:php|rb)(?::\d{1,6}:in| on line (?:<b>)?\d)|#\d{1,3} \/[^\n]{1,200}\.php\(\d/, 'a stack trace of PHP or Ruby', 'error'],
  [/node_modules[/\\]|\/site-packages\/|\/(?:home|usr|var|srv|opt|root|app|Users)\/[\w.-]{1,60}\/[\w./-]{0,200}\.(?:[cm]?[jt]sx?|py|php|rb|java|go|json|ya?ml|conf|sqlite|db|env)\b|\b[A-Z]:\\(?:Users|inetpub|Windows|Program)/, 'a path of the file system', 'error'],
  [/\bSQLSTATE\b|\bORA-\d{5}|SQLITE_[A-Z]{3}|syntax error at or near|You have an error in your SQL syntax/, 'an error of the database', 'error'],
  [/Werkzeug Debugger|DEBUG = True|Whoops, looks like|Action Controller: Exception/, 'a debugger', 'error'],
  [/<pre>Cannot [A-Z]{3,10} |"error":"Not Found","message":"Route |Whitelabel Error Page|<address>Apache\/|<center>nginx(?:\/|<)|If you entered the URL manually please check your spelling/, "a framework's or server's own error page", 'warning'],
]; // prettier-ignore

const MOST_READ = 200_000;
/** Addresses that a page links to look like paths of a file system, and are none. */
const LINKS = /\b(?:href|src|action|content|srcset)\s*=\s*(?:"[^"]{0,2000}"|'[^']{0,2000}')/gi;

/** What an error page tells that it must not. Quotes the kind of a leak and its first characters, never all of it. */
function leaksIn(answer: Answer): readonly Fault[] {
  const body = answer.body.slice(0, MOST_READ).replaceAll(LINKS, '');
  return LEAKS.flatMap(([pattern, what, level]) => {
    const match = pattern.exec(body);
    if (match === null) return [];
    return fault(
      level,
      `the answer to a request that fails holds ${what}`,
      `${answered(answer)}: ${match[0].slice(0, 80)}`,
      'put Bulwark in front of the route, or answer errors by a handler of your own; set NODE_ENV=production',
    );
  });
}

/** Rules about errors. Each asks for what frameworks are known to fail on by themselves. */
export const errorsRules: readonly Rule[] = [
  rule('errors.not-found', 'An unknown path does not tell what runs here', 'site', {
    target: '/bulwark-check-no-such-page',
  }),
  rule('errors.bad-path', 'A path that cannot be decoded ends in no stack trace', 'site', {
    target: '/bulwark-check/%E0%A4%A',
  }),
  rule(
    'errors.bad-json',
    'A body that cannot be parsed ends in no stack trace',
    'own-host',
    {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
      body: '{"bulwark-check":',
    },
    // A server that answers so has not looked at the body.
    new Set([401, 403, 404, 405, 415]),
  ),
];

function rule(
  id: string,
  title: string,
  needs: Need,
  probe: Probe,
  unread: ReadonlySet<number> = new Set(),
): Rule {
  const run = async ({ ask, askOnce }: RuleContext): Promise<Outcome> => {
    const answer = await (probe.method === undefined ? askOnce(probe) : ask(probe));
    if (answer.status < 400) return notSeen(`${answered(answer)}, which is no error`);
    const faults = leaksIn(answer);
    return faults.length === 0 && unread.has(answer.status)
      ? notSeen(`${answered(answer)}: nothing reads a body there, give an address that takes JSON`)
      : judged(faults, `${answered(answer)} with ${answer.body.length} characters`);
  };
  return {
    id,
    title,
    level: 'error',
    guide: 10,
    asvs: ['v5.0.0-16.5.1 (in part)', 'v5.0.0-13.4.2 (in part)', 'v5.0.0-13.4.6 (in part)'],
    cwe: ['CWE-209'],
    needs,
    run,
  };
}
