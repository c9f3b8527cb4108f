/** What `check` asks of an application about its errors: an answer that fails must not say how it is built. */
import type { Finding, Observation, Rule } from '../../core/finding.ts';

/** What gives an application away, and what to call it. Each stands for a page or message of a real framework. */
const LEAKS: readonly (readonly [pattern: RegExp, what: string, level: Finding['level']])[] = [
  [/\bat [^\n]{1,300}?(?:\.[cm]?[jt]sx?|\(node:[\w/]{1,60}):\d{1,6}:\d{1,6}/, 'a stack trace of JavaScript', 'error'],
  [/Traceback \(most recent call last\)|File (?:"|&quot;|&#34;)[^"\n&]{1,200}(?:"|&quot;|&#34;), line \d/, 'a stack trace of Python', 'error'],
  [/\bat [\w.$]{1,200}\([\w$]{1,100}\.(?:java|kt):\d{1,6}\)/, 'a stack trace of Java', 'error'],
  [/\.(?:php|rb)(?::\d{1,6}:in| on line (?:<b>)?\d)|#\d{1,3} \/[^\n]{1,200}\.php\(\d/, 'a stack trace of PHP or Ruby', 'error'],
  [/node_modules[/\\]|\/site-packages\/|\/(?:home|usr|var|srv|opt|root|Users)\/[\w.-]{1,60}\/[\w./-]|\b[A-Z]:\\(?:Users|inetpub|Windows|Program)/, 'a path of the file system', 'error'],
  [/\bSQLSTATE\b|\bORA-\d{5}|SQLITE_[A-Z]{3}|syntax error at or near|You have an error in your SQL syntax/, 'an error of the database', 'error'],
  [/Werkzeug Debugger|DEBUG = True|Whoops, looks like|Action Controller: Exception/, 'a debugger', 'error'],
  [/<pre>Cannot [A-Z]{3,10} |"error":"Not Found","message":"Route |Whitelabel Error Page|<address>Apache\/|<center>nginx(?:\/|<)|<title>\d{3} [\w ]{1,40}<\/title>\s*<h1>/, "a framework's own error page", 'warning'],
]; // prettier-ignore

const MOST_READ = 200_000;

/** What an error page tells that it must not. Quotes the kind of a leak and its first characters, never all of it. */
function leaksIn(seen: Observation): readonly Omit<Finding, 'rule'>[] {
  if (seen.status < 400) return [];
  const body = seen.body.slice(0, MOST_READ);
  const findings: Omit<Finding, 'rule'>[] = [];
  for (const [pattern, what, level] of LEAKS) {
    const match = pattern.exec(body);
    if (match === null) continue;
    findings.push({
      level,
      message: `the answer to a request that fails holds ${what}`,
      evidence: `${seen.status}: ${match[0].slice(0, 80)}`,
      fix: 'put Bulwark in front of the route, or answer errors by a handler of your own; set NODE_ENV=production',
    });
  }
  return findings;
}

const HTML = { accept: 'text/html' } as const;
const ASVS = ['v5.0.0-16.5.1', 'v5.0.0-13.4.2', 'v5.0.0-13.4.6'] as const;

/** Rules about errors. Each probe is one that frameworks are known to fail on by themselves. */
export const errorsRules: readonly Rule[] = [
  {
    id: 'errors.not-found',
    title: 'An unknown path does not tell what runs here',
    asvs: ASVS,
    probe: { method: 'GET', target: '/bulwark-check-no-such-page', headers: HTML },
    check: leaksIn,
  },
  {
    id: 'errors.bad-path',
    title: 'A path that cannot be decoded ends in no stack trace',
    asvs: ASVS,
    probe: { method: 'GET', target: '/bulwark-check/%E0%A4%A', headers: HTML },
    check: leaksIn,
  },
  {
    id: 'errors.bad-json',
    title: 'A body that cannot be parsed ends in no stack trace',
    asvs: ASVS,
    probe: {
      method: 'POST',
      target: '/',
      headers: { ...HTML, 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
      body: '{"bulwark-check":',
    },
    check: leaksIn,
  },
];
