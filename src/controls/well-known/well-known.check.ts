/** What `check` asks of the addresses that browsers and password managers look at by themselves (RFC 8615). */
import { type Answer, answered, headerOf, isHtml, redirectOf } from '../../core/answer.ts';
import { parseJson } from '../../core/parse-json.ts';
import {
  fault,
  type Fault,
  held,
  judged,
  notSeen,
  type Outcome,
  type Rule,
  type RuleContext,
} from '../../core/rule.ts';
import { formsOf } from '../../core/seen-page.ts';

/** Rules about them. */
export const wellKnownRules: readonly Rule[] = [
  {
    id: 'well-known.change-password',
    title: 'A password manager finds the page where a password is changed',
    level: 'warning',
    guide: 7,
    asvs: ['v5.0.0-6.2.2 (in part)'],
    cwe: [],
    why: 'A password has leaked, its manager knows, and its owner looks for the page to change it until they give up.',
    mend: {
      bulwark: "wellKnown: { changePassword: '/settings/password' },",
      express:
        "app.get('/.well-known/change-password', (request, response) => response.redirect(303, '/settings/password'));",
      flask:
        "@app.get('/.well-known/change-password')\ndef change_password():\n    return redirect('/settings/password', 303)",
      nginx: 'location = /.well-known/change-password { return 303 /settings/password; }',
    },
    needs: 'page',
    run: checkChangePassword,
  },
  {
    id: 'well-known.related-origins',
    title: 'Passkeys are shared with origins that nobody else can stand at',
    level: 'warning',
    guide: 7,
    asvs: [],
    cwe: ['CWE-346'],
    mend: {
      bulwark: "mfa: { relatedOrigins: ['https://files.example.de'] },",
      express:
        "app.get('/.well-known/webauthn', (request, response) => response.json({ origins: ['https://files.example.de'] }));",
      flask:
        "@app.get('/.well-known/webauthn')\ndef related_origins():\n    return {'origins': ['https://files.example.de']}",
      nginx: `location = /.well-known/webauthn {
  default_type application/json;
  return 200 '{"origins":["https://files.example.de"]}';
}`,
    },
    needs: 'site',
    run: checkRelatedOrigins,
  },
];

const CHANGE = '/.well-known/change-password';
/** Asked by browsers to see whether a site says yes to everything (W3C, A Well-Known URL for Changing Passwords). */
const NOWHERE = '/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200';
const CHANGE_FIX = `redirect ${CHANGE} to the page where a password is changed, by 302, 303 or 307`;

async function checkChangePassword({ site, askOnce, crawl }: RuleContext): Promise<Outcome> {
  const { pages } = await crawl();
  const asks = pages.some((page) =>
    formsOf(page).some(({ fields }) => fields.some(({ type }) => type === 'password')),
  );
  if (!asks) return notSeen('no page that links lead to asks for a password');
  const answer = await askOnce({ target: CHANGE });
  const leads = redirectOf(answer);
  const seen = `${answered(answer)}${leads === undefined ? '' : `, Location: ${leads.origin}${leads.pathname}`}`;
  const say = (level: 'warning' | 'note', message: string): Outcome =>
    judged([fault(level, message, seen, CHANGE_FIX)], '');
  if (answer.status >= 500 || answer.status === 401 || answer.status === 403)
    return notSeen(`${seen}: whether it leads anywhere is not seen by a visitor`);
  if (leads === undefined && answer.status >= 300)
    return say('note', 'password managers find no page where a password is changed');
  if (leads !== undefined && site.secure && leads.protocol !== 'https:')
    return say('warning', 'who is to change a password is led to plain http');
  const nowhere = await askOnce({ target: NOWHERE });
  return nowhere.status < 300
    ? say(
        'note',
        'browsers do not go by it: what nobody serves under /.well-known/ is answered with 200, too',
      )
    : held(seen);
}

/** More labels than these browsers need not look at (WebAuthn Level 3, 5.11.1). */
const MOST_NAMES = 5;
const RELATED_FIX = 'name each origin that is yours by https: mfa.relatedOrigins';

async function checkRelatedOrigins({ askOnce }: RuleContext): Promise<Outcome> {
  const answer = await askOnce({ target: '/.well-known/webauthn' });
  const seen = answered(answer);
  if (answer.status >= 500) return notSeen(seen);
  if (redirectOf(answer) !== undefined)
    return held(`${seen}, which browsers do not follow: passkeys are shared with nobody`);
  const origins = answer.status === 200 ? originsIn(answer) : undefined;
  if (origins === undefined) return held(`${seen}: passkeys are shared with nobody`);
  const faults: Fault[] = [];
  const note = (level: 'warning' | 'note', message: string, about: string): void =>
    void faults.push(fault(level, message, `${seen}, ${about}`, RELATED_FIX));
  if (!/^application\/json\s*(?:;|$)/i.test(headerOf(answer, 'content-type') ?? ''))
    note('note', 'browsers take the list for none: its type is not application/json', 'another Content-Type');
  const hosts: string[] = [];
  for (const origin of origins) {
    const url = URL.canParse(origin) ? new URL(origin) : undefined;
    if (url !== undefined) hosts.push(url.hostname);
    if (url !== undefined && LOCAL.test(url.hostname))
      note(
        'warning',
        'whatever runs on the machine of a visitor may use their passkeys of this site',
        url.origin,
      );
    else if (url?.protocol !== 'https:')
      note('note', 'an origin is named that no browser lets use passkeys', url?.origin ?? 'no address');
  }
  const names = namesSure(hosts);
  if (names > MOST_NAMES)
    note('note', 'more names are listed than browsers look at', `at least ${names} names`);
  return judged(faults.slice(0, 5), `${seen} with ${origins.length} origins`);
}

/**
 * How many names there are at least, as browsers count: `example` of example.de and example.co.uk is one. Which label that is
 * stands in the list of public suffixes; without it, two hosts are sure to have two names where they share no label at all.
 */
function namesSure(hosts: readonly string[]): number {
  const labels = new Set<string>();
  let names = 0;
  for (const host of hosts) {
    if (/^[\d.]+$|[[:]/.test(host)) continue;
    const own = host
      .split('.')
      .slice(0, -1)
      .filter((label) => label !== 'www');
    if (own.length === 0 || own.some((label) => labels.has(label))) continue;
    names += 1;
    for (const label of own) labels.add(label);
  }
  return names;
}

const LOCAL = /^(?:localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** A page for everything is no list. */
function originsIn(answer: Answer): readonly string[] | undefined {
  if (isHtml(answer)) return undefined;
  let value: unknown;
  try {
    value = parseJson(answer.body);
  } catch {
    return undefined;
  }
  const origins =
    typeof value === 'object' && value !== null && 'origins' in value ? value.origins : undefined;
  if (!Array.isArray(origins)) return undefined;
  return origins.filter((one) => typeof one === 'string').slice(0, 100);
}
