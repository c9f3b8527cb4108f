/** What `check` asks of an application about the cookies it sets. */
import { type Finding, headerValues, type Observation, PLAIN_GET, type Rule } from '../../core/finding.ts';
import { parseSetCookie, type SetCookie } from './set-cookie.ts';

type Found = readonly Omit<Finding, 'rule'>[];
type Fault = Pick<Finding, 'level' | 'message' | 'fix'>;

/** Names by which frameworks and people call what signs someone in. */
const SESSION_NAME = /sess|sid$|^sid|auth|token|jwt|remember|login/i;

/** Rules about cookies, each over every cookie of the answer. */
export const cookiesRules: readonly Rule[] = [
  rule('cookies.secure', 'Cookies are sent over https only', ['v5.0.0-3.3.1'], (cookie) =>
    cookie.secure ? undefined : { level: 'error', message: 'it goes over plain http too', fix: 'add Secure' },
  ),
  rule('cookies.http-only', 'Script cannot read the cookies', ['v5.0.0-3.3.4'], (cookie) =>
    cookie.httpOnly
      ? undefined
      : {
          level: SESSION_NAME.test(cookie.name) ? 'error' : 'warning',
          message: 'script that gets into a page can read it',
          fix: 'add HttpOnly',
        },
  ),
  rule(
    'cookies.same-site',
    'Requests that other sites cause come without cookies',
    ['v5.0.0-3.3.2'],
    (cookie) => {
      if (cookie.sameSite === 'lax' || cookie.sameSite === 'strict') return undefined;
      return {
        level: cookie.sameSite === 'none' && SESSION_NAME.test(cookie.name) ? 'error' : 'warning',
        message:
          cookie.sameSite === 'none'
            ? 'every other site can send requests with it'
            : 'what happens to it in requests of other sites is left to the browser',
        fix: 'add SameSite=Lax',
      };
    },
  ),
  rule('cookies.host-only', 'Cookies go to this host alone', ['v5.0.0-3.3.3'], (cookie) =>
    cookie.domain === undefined
      ? undefined
      : { level: 'warning', message: 'every subdomain gets it', fix: 'remove Domain' },
  ),
  rule(
    'cookies.prefix',
    'Session cookies cannot be set by a subdomain',
    ['v5.0.0-3.3.1', 'v5.0.0-3.3.3'],
    (cookie) =>
      !SESSION_NAME.test(cookie.name) || /^__(?:Host|Secure)-/i.test(cookie.name)
        ? undefined
        : {
            level: 'warning',
            message: 'a subdomain, or anyone over plain http, can put another in its place',
            fix: 'begin its name with __Host-',
          },
  ),
  {
    id: 'cookies.readable',
    title: 'Every cookie is one that browsers keep',
    asvs: ['v5.0.0-3.3.5'],
    probe: PLAIN_GET,
    check: checkReadable,
  },
];

function rule(
  id: string,
  title: string,
  asvs: readonly string[],
  judge: (cookie: SetCookie) => Fault | undefined,
): Rule {
  return { id, title, asvs, probe: PLAIN_GET, check: (seen) => judgeAll(seen, judge) };
}

function judgeAll(seen: Observation, judge: (cookie: SetCookie) => Fault | undefined): Found {
  return headerValues(seen, 'set-cookie').flatMap((line) => {
    const cookie = parseSetCookie(line);
    if (typeof cookie === 'string' || endsNow(cookie)) return [];
    const fault = judge(cookie);
    return fault === undefined ? [] : [{ ...fault, evidence: evidenceOf(cookie.name, line) }];
  });
}

function checkReadable(seen: Observation): Found {
  return headerValues(seen, 'set-cookie').flatMap((line) => {
    const fault = parseSetCookie(line);
    if (typeof fault !== 'string') return [];
    return [
      {
        level: 'warning' as const,
        message: FAULTS[fault],
        evidence: `a Set-Cookie line of ${line.length} characters`,
        fix: 'a name of letters, digits and dashes, and at most 4096 bytes with its value',
      },
    ];
  });
}

const FAULTS = {
  'control-character': 'a cookie holds control characters',
  nameless: 'a cookie has no name, so that its value can pass for another',
  name: 'the name of a cookie is read differently by different servers',
  'too-large': 'a cookie is larger than browsers keep',
} as const;

/** Deleting a cookie gives nothing away. */
function endsNow(cookie: SetCookie): boolean {
  return cookie.value === '' || cookie.maxAge === '0' || cookie.maxAge?.startsWith('-') === true;
}

/** The attributes of a line. Never the value: reports are passed on. */
function evidenceOf(name: string, line: string): string {
  const semicolon = line.indexOf(';');
  return `Set-Cookie: ${name}=...${semicolon === -1 ? '' : line.slice(semicolon)}`;
}
