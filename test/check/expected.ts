/**
 * What each rule has to say of each site. Letters, in this order:
 *
 *   Bulwark, a bare site, one that says all wrongly, Bulwark without the control, a well-kept site that is not Bulwark,
 *   one that answers everything with 404 and 405.
 *
 * `+` held, `-` fell short, `?` not seen.
 */
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { rowsOfRooms } from '../support/rows.ts';
import type { Carelessness } from './servers/bulwark-site.ts';

/** Bulwark, less the control that a rule is about. */
export interface Without {
  readonly policy: PolicyOptions;
  readonly careless: Carelessness;
}

/** One row. */
export interface Expected {
  readonly outcomes: string;
  /** Where it is not about a control of Bulwark's, there is nothing to leave out: its room's tests show it. */
  readonly without: Without | undefined;
}

const OFF = { mode: 'off' } as const;
const firewall = (careless: Carelessness = {}): Without => ({ policy: { firewall: OFF }, careless });
const noHttps: Without = { policy: { https: OFF }, careless: {} };
const noCsp: Without = { policy: { csp: OFF }, careless: {} };
const looseCsp: Without = { policy: { csp: OFF }, careless: { loosePolicy: true } };
const noHeaders: Without = { policy: { headers: OFF }, careless: {} };
const embeddable: Without = { policy: { headers: OFF, isolation: OFF }, careless: {} };
const noCookies: Without = { policy: { cookies: OFF }, careless: { setsCookies: true } };
const noCsrf: Without = { policy: { csrf: OFF }, careless: {} };
const reflecting: Without = { policy: { cors: OFF }, careless: { reflectsOrigins: true } };
const noLimit: Without = { policy: { rateLimit: OFF }, careless: {} };
const noErrors: Without = {
  policy: { errors: OFF, firewall: OFF, validation: OFF },
  careless: { throws: true },
};
const served: Without = { policy: {}, careless: { servesSource: true } };
const linked: Without = { policy: { https: OFF, firewall: OFF }, careless: { linksByRequest: true } };
const trusting: Without = { policy: { proxy: { trusted: ['127.0.0.1'] } }, careless: {} };

const row = (outcomes: string, without: Without): Expected => ({ outcomes, without });
/** Without the fourth letter: what these rules look at is no control of Bulwark's, or shows at none of these sites. */
const elsewhere = (outcomes: string): Expected => ({ outcomes, without: undefined });

/** Rules whose control cannot be taken out of Bulwark: what reads or begins a session is never kept, and no upgrade to h2c is taken, in any mode. */
export const ALWAYS_ON: readonly string[] = ['headers.cache', 'firewall.h2c'];

/** Every rule has a row. */
const OF_OURS: Readonly<Record<string, Expected>> = {
  'https.hsts': row('+ - - - + -', noHttps),
  'https.plain-http': row('+ - - - + ?', noHttps),
  'https.plain-post': row('+ - - - - ?', noHttps),
  'https.redirect-host': row('+ ? - - + ?', linked),
  'csp.present': row('+ - + - + ?', noCsp),
  'csp.script-src': row('+ ? - - + ?', looseCsp),
  'csp.object-src': row('+ ? - - + ?', looseCsp),
  'csp.base-uri': row('+ ? - - - ?', looseCsp),
  'csp.form-action': row('+ ? - - + ?', looseCsp),
  'csp.frame-ancestors': row('+ - - - + ?', noCsp),
  'csp.nonce': row('+ ? - - + ?', looseCsp),
  'headers.nosniff': row('+ - - - + +', noHeaders),
  'headers.frame-options': row('+ - - - + ?', noHeaders),
  'headers.referrer-policy': row('+ - - - + ?', noHeaders),
  'headers.opener-policy': row('+ - - - + ?', noHeaders),
  'headers.resource-policy': row('+ - - - + ?', embeddable),
  'headers.permissions-policy': row('+ - - - - ?', noHeaders),
  'headers.disclosure': row('+ - - - + +', noHeaders),
  'headers.cache': row('+ - - + + ?', noCookies),
  'cookies.secure': row('+ - - - + ?', noCookies),
  'cookies.http-only': row('+ - - - + ?', noCookies),
  'cookies.same-site': row('+ - - - + ?', noCookies),
  'cookies.host-only': row('+ + - - + ?', noCookies),
  'cookies.prefix': row('+ - - - - ?', noCookies),
  'cookies.readable': row('+ + - - + ?', noCookies),
  'session.cookie-secure': row('+ - - - + ?', noCookies),
  'session.cookie-httponly': row('+ - - - + ?', noCookies),
  'session.cookie-samesite': row('+ - - - + ?', noCookies),
  'session.none-for-visitors': row('+ - - - + ?', noCookies),
  'cors.any-origin': row('+ + - - + ?', reflecting),
  'cors.null-origin': row('+ + - - + ?', reflecting),
  'cors.look-alike': row('+ + - - + ?', reflecting),
  'cors.vary': row('+ + - - + ?', reflecting),
  'csrf.fetch-metadata': row('+ - - - + ?', noCsrf),
  'csrf.origin': row('+ - - - + ?', noCsrf),
  'csrf.upgrade': row('+ - - - ? ?', noCsrf),
  'rate.page': row('+ - - - + -', noLimit),
  'rate.unknown-path': row('+ - - - + -', noLimit),
  'firewall.method-trace': row('+ - - - + +', firewall({ answersAll: true })),
  'firewall.method-unused': row('+ - - - + +', firewall({ answersAll: true })),
  'firewall.method-override': row('+ - + - + +', firewall({ readsAgain: true })),
  'firewall.host': row('+ - - - - ?', firewall()),
  'firewall.forwarded-host': row('+ - + - + ?', linked),
  'firewall.forwarded-proto': row('+ ? - - + ?', trusting),
  'firewall.dot-segments': row('+ - ? - + ?', firewall({ readsAgain: true })),
  'firewall.encoded-slash': row('+ - ? - + ?', firewall({ readsAgain: true })),
  'firewall.double-encoding': row('+ - ? - + ?', firewall({ readsAgain: true })),
  'firewall.nul': row('+ - ? - + ?', firewall({ readsAgain: true })),
  'firewall.h2c': row('+ - - + + +', firewall({ answersAll: true })),
  'errors.not-found': row('+ - - - + +', noErrors),
  'errors.bad-path': row('+ - - - + +', noErrors),
  'errors.bad-json': row('+ - ? - + ?', noErrors),
  'secrets.dotenv-served': row('+ - ? - + +', served),
  'secrets.repository-served': row('+ - ? - + +', served),
  'secrets.backup-served': elsewhere('+ + + + +'),
  'secrets.listing': elsewhere('? ? ? ? ?'),
  'secrets.source-maps': elsewhere('? ? ? ? ?'),
  'https.tls-versions': elsewhere('+ + + + +'),
  // Node.js has CBC in its own list; layer.createServer has not.
  'https.tls-suites': elsewhere('+ - - - -'),
  'https.tls-groups': elsewhere('+ + + + +'),
  // Certificates of tests end tomorrow.
  'https.tls-certificate': elsewhere('- - - - -'),
  'https.mixed-content': elsewhere('+ + + + ?'),
  'https.preload': elsewhere('? ? ? ? ?'),
  'https.other-name': elsewhere('? + + + ?'),
  'csp.bypass-hosts': elsewhere('+ ? + + ?'),
  'csp.nonce-cached': elsewhere('+ ? - + ?'),
  // helmet lets inline styles apply.
  'csp.fallback': elsewhere('+ ? - - ?'),
  'csp.written': elsewhere('+ ? + + ?'),
  'csp.every-page': elsewhere('+ ? + + ?'),
  'csp.integrity': elsewhere('+ + + + ?'),
  'headers.everywhere': elsewhere('+ ? - + ?'),
  'headers.refusals': elsewhere('+ ? - + ?'),
  'headers.security-txt': elsewhere('- - - - -'),
  'cors.preflight': elsewhere('+ + + + ?'),
  'csp.integrity-policy': elsewhere('? ? ? ? ?'),
  'errors.health': elsewhere('? ? ? ? ?'),
  'well-known.change-password': elsewhere('? ? ? ? ?'),
  'well-known.related-origins': elsewhere('+ ? ? + +'),
  // What a site is where a head is believed: rules.test.ts.
  'firewall.proxy-head': elsewhere('+ + + + +'),
  'firewall.open-redirect': elsewhere('? ? ? ? ?'),
  // Two of the sites answer without reading.
  'firewall.body-limit': elsewhere('+ ? ? + ?'),
  'firewall.body-limit-chunked': elsewhere('+ ? ? + ?'),
  // These need a profile of an account: test/check/accounts.test.ts.
  'session.renewed': elsewhere('? ? ? ? ?'),
  'session.adopted': elsewhere('? ? ? ? ?'),
  'session.ended': elsewhere('? ? ? ? ?'),
  'session.random': elsewhere('? ? ? ? ?'),
  'session.stay': elsewhere('? ? ? ? ?'),
  'session.cap': elsewhere('? ? ? ? ?'),
  'api-tokens.bound': elsewhere('? ? ? ? ?'),
  'csrf.sign-in-state': elsewhere('? ? ? ? ?'),
  'device-bound.proof': elsewhere('? ? ? ? ?'),
  'csrf.forms': elsewhere('+ ? ? + ?'),
  'rate.sign-in': elsewhere('? ? ? ? ?'),
  'rate.sign-in-many': elsewhere('? ? ? ? ?'),
  'accounts.sign-in-answer': elsewhere('? ? ? ? ?'),
  'accounts.sign-in-time': elsewhere('? ? ? ? ?'),
  'accounts.reset-answer': elsewhere('? ? ? ? ?'),
  'accounts.register-answer': elsewhere('? ? ? ? ?'),
  'accounts.second-factor': elsewhere('? ? ? ? ?'),
  'uploads.served': elsewhere('? ? ? ? ?'),
  'access.other-account': elsewhere('? ? ? ? ?'),
  'headers.cache-signed-in': elsewhere('+ ? ? + ?'),
  'errors.debug-pages': elsewhere('+ + + + +'),
};

const besides = (await rowsOfRooms()).map(({ CHECK_ROWS = {} }) => CHECK_ROWS);

/** Those above, and those that a room has beside itself (`*.rows.test.ts`). */
export const EXPECTED: Readonly<Record<string, Expected>> = Object.assign({}, OF_OURS, ...besides) as Record<
  string,
  Expected
>;
