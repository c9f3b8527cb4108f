/** What `check` asks of an application's session cookies. */
import { type Finding, headerValues, type Observation, PLAIN_GET, type Rule } from '../../core/finding.ts';

/** Names that people give to what opens a session. */
const SESSION_LIKE = /sess|sid|token|auth|^__host-|^__secure-/i;
/** A double-submit token is meant to be read by scripts. */
const FOR_SCRIPTS = /csrf|xsrf/i;

interface SeenCookie {
  readonly name: string;
  /** Lower-cased attribute names, with their values in lower case. */
  readonly attributes: ReadonlyMap<string, string>;
  /** The line without its value: a report must not hold what opens a session. */
  readonly shown: string;
}

type Fault = Omit<Finding, 'rule'>;

/** Rules about session cookies. */
export const sessionRules: readonly Rule[] = [
  cookieRule(
    'session.cookie-secure',
    'Session cookies travel over https only',
    ['v5.0.0-3.3.1'],
    (cookie) => cookie.attributes.has('secure'),
    'has no Secure attribute: it crosses the network in clear on the first http request',
    'add Secure, and the name prefix __Host-',
  ),
  cookieRule(
    'session.cookie-httponly',
    'Scripts cannot read session cookies',
    ['v5.0.0-3.3.4'],
    (cookie) => cookie.attributes.has('httponly') || FOR_SCRIPTS.test(cookie.name),
    'has no HttpOnly attribute: a script that gets into a page can send it anywhere',
    'add HttpOnly',
  ),
  cookieRule(
    'session.cookie-samesite',
    'Session cookies stay out of requests of other sites',
    ['v5.0.0-3.3.2'],
    (cookie) => ['lax', 'strict'].includes(cookie.attributes.get('samesite') ?? ''),
    'is sent along with requests that other sites make',
    'add SameSite=Lax',
  ),
  {
    id: 'session.none-for-visitors',
    title: 'A visitor who only looks gets no session',
    asvs: ['v5.0.0-7.6.2'],
    probe: PLAIN_GET,
    check: (seen) =>
      cookiesOf(seen).map((cookie) => ({
        level: 'warning',
        message: `a first visit is given the cookie ${cookie.name}: each visit of a robot fills the session store`,
        evidence: cookie.shown,
        fix: 'begin a session when there is something to keep, at the latest at sign-in',
      })),
  },
];

function cookieRule(
  id: string,
  title: string,
  asvs: readonly string[],
  holds: (cookie: SeenCookie) => boolean,
  fault: string,
  fix: string,
): Rule {
  const check = (seen: Observation): readonly Fault[] =>
    cookiesOf(seen)
      .filter((cookie) => SESSION_LIKE.test(cookie.name) && !holds(cookie))
      .map((cookie) => ({
        level: 'error',
        message: `the cookie ${cookie.name} ${fault}`,
        evidence: cookie.shown,
        fix,
      }));
  return { id, title, asvs, probe: PLAIN_GET, check };
}

/** The cookies an answer sets. Those it deletes are left out. */
function cookiesOf(seen: Observation): readonly SeenCookie[] {
  return headerValues(seen, 'set-cookie')
    .map(readCookie)
    .filter(({ attributes }) => !/^(?:0|-\d+)$/.test(attributes.get('max-age') ?? ''));
}

function readCookie(line: string): SeenCookie {
  const [pair = '', ...rest] = line.split(';');
  const name = pair.split('=', 1)[0]?.trim() ?? '';
  const attributes = rest.map((part): [string, string] => {
    const [key = '', value = ''] = part.split('=', 2);
    return [key.trim().toLowerCase(), value.trim().toLowerCase()];
  });
  return {
    name,
    attributes: new Map(attributes),
    shown: `Set-Cookie: ${[`${name}=...`, ...rest].join(';')}`,
  };
}
