/** What is wrong with the running sites, and what amounts to it in the words of others. Each of their sentences was read. */
import { EXPECTED } from '../../../test/check/expected.ts';

/** One fault of one site: found by us where the rule says it, in these words where several are of one rule. */
export interface OutsideFault {
  readonly site: string;
  readonly rule: string;
  readonly words?: RegExp;
}

/** What is wrong with two sites of the tests stands in their key; a place in its letters. */
const keyed = (site: string, place: number): readonly OutsideFault[] =>
  Object.entries(EXPECTED).flatMap(([rule, { outcomes }]) =>
    outcomes.split(' ')[place] === '-' ? [{ site, rule }] : [],
  );

const of = (site: string, ...rules: readonly string[]): readonly OutsideFault[] =>
  rules.map((rule) => ({ site, rule }));

/** All of them. Those of the application in Python that need its source are read there, in the same run. */
export const FAULTS: readonly OutsideFault[] = [
  ...of(
    'careless',
    'csp.present', 'csp.integrity', 'headers.nosniff', 'headers.frame-options', 'cors.any-origin', 'headers.disclosure', 'secrets.backup-served',
    'errors.debug-pages', 'firewall.open-redirect', 'session.cookie-httponly', 'session.cookie-samesite', 'session.renewed', 'session.adopted',
    'session.ended', 'session.random', 'csrf.forms', 'accounts.sign-in-answer', 'rate.sign-in', 'rate.sign-in-many', 'access.other-account',
    'headers.cache-signed-in', 'python.sql', 'jinja.safe', 'python.template-string', 'python.path', 'python.command', 'python.deserialize',
    'session.cookie-secure',
  ), // prettier-ignore
  ...keyed('bare', 1),
  ...keyed('wrong', 2),
  { site: 'weak-tls', rule: 'https.tls-versions', words: /^TLSv1 is/ },
  { site: 'weak-tls', rule: 'https.tls-versions', words: /^TLSv1\.1 is/ },
  { site: 'weak-tls', rule: 'https.tls-versions', words: /1\.3 is not/ },
  { site: 'weak-tls', rule: 'https.tls-suites', words: /forward secrecy/ },
  { site: 'weak-tls', rule: 'https.tls-suites', words: /CBC/ },
  { site: 'weak-tls', rule: 'https.tls-groups', words: /quantum/ },
  { site: 'weak-tls', rule: 'https.tls-certificate', words: /do not trust|another name|nobody but itself/ },
  { site: 'weak-tls', rule: 'https.tls-certificate', words: /1024 bits/ },
  { site: 'weak-tls', rule: 'https.tls-certificate', words: /398 days/ },
  { site: 'weak-tls', rule: 'https.tls-certificate', words: /SHA-1/ },
];

/** By rule, what others call it: `scanner: what it says`. Generous: whoever says a part of it has found it. */
const SAID: Readonly<Record<string, RegExp>> = {
  'https.hsts': /^wapiti: HTTP Strict|^testssl\.sh: HSTS|^MDN Observatory: hsts-/,
  'https.plain-http': /^wapiti: Unencrypted|^MDN Observatory: redirection-/,
  'https.tls-certificate#trust':
    /^testssl\.sh: cert_(?:trust|chain_of_trust|subjectAltName)|^sslyze: certificate_path/,
  'https.tls-certificate#1024': /^testssl\.sh: cert_keySize|^sslyze: rsa_key_size/,
  'https.tls-certificate#398':
    /^testssl\.sh: cert_(?:validityPeriod|extlifeSpan)|^sslyze: maximum_certificate_lifespan/,
  'https.tls-certificate#SHA-1': /^testssl\.sh: cert_signatureAlgorithm|^sslyze: certificate_signatures/,
  'https.tls-certificate': /^testssl\.sh: cert_(?:expirationStatus|notAfter)/,
  'https.tls-versions#TLSv1 is': /^testssl\.sh: TLS1 |^sslyze: tls_versions.*'TLSv1'/,
  'https.tls-versions#TLSv1.1': /^testssl\.sh: TLS1_1 |^sslyze: tls_versions.*'TLSv1\.1'/,
  'https.tls-versions#1.3': /^testssl\.sh: TLS1_3 /,
  'https.tls-suites#forward': /^testssl\.sh: (?:cipherlist_OBSOLETED|FS)|^sslyze: ciphers.*'TLS_RSA_WITH/,
  'https.tls-suites': /^testssl\.sh: (?:LUCKY13|cipherlist_|BEAST)|^sslyze: ciphers.*_CBC_/,
  'csp.present':
    /^wapiti: .*CSP is not set|^MDN Observatory: csp-not-implemented|^testssl\.sh: security_headers/,
  'csp.script-src':
    /"script-src" value is not safe|^csp_evaluator: (?:SCRIPT_UNSAFE_(?:INLINE|EVAL)|PLAIN_WILDCARD) script-src|^MDN Observatory: csp-implemented-with-(?:unsafe|insecure)/,
  'csp.object-src':
    /"object-src" value is not safe|^csp_evaluator: (?:PLAIN_WILDCARD|OBJECT_ALLOWLIST_BYPASS) object-src/,
  'csp.fallback': /"default-src" is missing/,
  'csp.nonce': /^csp_evaluator: (?:NONCE_LENGTH|STATIC_NONCE)/,
  'csp.frame-ancestors': /^wapiti: Clickjacking|^MDN Observatory: x-frame-options-/,
  'headers.frame-options':
    /^wapiti: Clickjacking|^MDN Observatory: x-frame-options-|^testssl\.sh: security_headers/,
  'headers.nosniff': /^wapiti: MIME|^MDN Observatory: x-content-type-options-|^testssl\.sh: security_headers/,
  'headers.referrer-policy': /^MDN Observatory: referrer-policy-/,
  'headers.resource-policy': /^MDN Observatory: cross-origin-resource-policy-/,
  'cors.any-origin': /^MDN Observatory: cross-origin-resource-sharing-/,
  'session.cookie-secure':
    /^wapiti: Secure Flag.*: (?:sid|session)\b|^MDN Observatory: cookies-session-without-secure/,
  'session.cookie-httponly':
    /^wapiti: HttpOnly.*: (?:sid|session)\b|^MDN Observatory: cookies-session-without-httponly/,
  'cookies.secure': /^wapiti: Secure Flag.*: theme|^MDN Observatory: cookies-without-secure/,
  'cookies.http-only': /^wapiti: HttpOnly.*: theme/,
  'cookies.same-site': /^MDN Observatory: cookies-samesite/,
  'csrf.forms': /^wapiti: Cross Site Request Forgery/,
  'firewall.open-redirect': /^wapiti: Open Redirect/,
  'firewall.method-unused': /^wapiti: HTTP Methods.*heuristics/,
  'python.sql': /^wapiti: SQL Injection/,
  'jinja.safe': /^wapiti: Stored Cross Site Scripting/,
};

/** What amounts to a fault. */
export function wordsOfOthers({ rule, words }: OutsideFault): RegExp | undefined {
  const [, part] =
    Object.entries(SAID).find(([key]) => {
      const [of, mark] = key.split('#');
      return of === rule && mark !== undefined && words?.source.replaceAll('\\', '').includes(mark) === true;
    }) ?? [];
  return part ?? SAID[rule];
}

/** What somebody else finds and the check does not, and why. */
export const MISSED_BECAUSE: readonly (readonly [site: string, rule: string, why: string])[] = [
  [
    'careless',
    'session.cookie-secure',
    'it is asked over http on this machine, where the check says nothing about `Secure`: it is no sign of how the site is served elsewhere. Over https it is said, as of *bare*',
  ],
];

/** What others say that is none of these, and why the check does not say it. */
export const WHY_NOT_OUTSIDE: readonly (readonly [said: RegExp, why: string])[] = [
  [
    /^wapiti: Internal Server Error/,
    'what it sent ended in an exception, which is where the injection shows that it is there: one fault, told of once',
  ],
  [/^wapiti: HTTP Methods.*OPTIONS \(200\)/, 'OPTIONS is answered by every framework, and changes nothing'],
  [
    /^wapiti: Unencrypted Channels/,
    'true: of a site that is asked on this machine over http the check says nothing about https',
  ],
  [
    /^testssl\.sh: (?:engine_problem|sessionresumption|.* WARN:)/,
    'of the scanner and the OpenSSL it was given, and not of the site',
  ],
  [
    /^testssl\.sh: cert_revocation/,
    'public authorities have stopped asking for it: certificates that live for weeks are let run out',
  ],
  [/^testssl\.sh: DNS_CAArecord/, 'true of a name in DNS: the sites of this run have none'],
  [
    /^(?:testssl\.sh: cert_(?:trust|chain_of_trust)|sslyze: certificate_path)/,
    'of this run: the others ask by another name, and are not told of the authority of the tests',
  ],
  [
    /^sslyze: tls_curves/,
    'X448 and P-521 hold: they are missing in a list, and nothing is known against them',
  ],
  [
    /^wapiti: (?:Content Security|Clickjacking|HTTP Strict|MIME|HTTP Methods)/,
    'true, of a site whose certificate proves nothing: the check says so, and asks it for no page',
  ],
  [/^testssl\.sh: (?:HSTS|security_headers)/, 'as wapiti: whoever has no certificate is asked for no page'],
];
