/** What `check` asks of an application about cross-site requests. */
import { type Answer, answered, type Probe, shapeOf } from '../../core/answer.ts';
import {
  fellShort,
  held,
  notSeen,
  type Outcome,
  type Rule,
  type RuleContext,
  type Visitor,
} from '../../core/rule.ts';
import { cookiesSet, looksLikeSession } from '../../core/seen-cookies.ts';
import { formsOf, type SeenForm } from '../../core/seen-page.ts';
import { isToken, mayBeSent, pathOf } from './tried-forms.ts';

const FOREIGN = 'https://attacker.example';
const FIX = 'put Bulwark in front of the route, or refuse unsafe methods by Sec-Fetch-Site and Origin';

/** Rules about cross-site requests. */
export const csrfRules: readonly Rule[] = [
  {
    id: 'csrf.fetch-metadata',
    title: 'A form on another site cannot post here',
    level: 'error',
    guide: 6,
    asvs: ['v5.0.0-3.5.1 (in part)'],
    cwe: ['CWE-352'],
    needs: 'own-host',
    run: (context) =>
      forge(context, {
        what: 'a POST that the browser marks as cross-site',
        own: { 'sec-fetch-site': 'same-origin', origin: context.site.origin },
        forged: { 'sec-fetch-site': 'cross-site', origin: FOREIGN },
      }),
  },
  {
    id: 'csrf.origin',
    title: 'An old browser on another site cannot post here either',
    level: 'error',
    guide: 6,
    asvs: ['v5.0.0-3.5.1 (in part)'],
    cwe: ['CWE-352'],
    needs: 'own-host',
    run: (context) =>
      forge(context, {
        what: 'a POST with a foreign Origin',
        own: { origin: context.site.origin },
        forged: { origin: FOREIGN },
      }),
  },
  {
    id: 'csrf.upgrade',
    title: 'A page of another site cannot open a WebSocket here',
    level: 'error',
    guide: 6,
    asvs: ['v5.0.0-4.4.2 (in part)'],
    cwe: ['CWE-1385'],
    needs: 'own-host',
    run: checkUpgrade,
  },
];

interface Forgery {
  readonly what: string;
  readonly own: Readonly<Record<string, string>>;
  readonly forged: Readonly<Record<string, string>>;
}

/**
 * Sends one form as a page of the site would, and once more as another site would have a browser send it: with the
 * visitor's cookies, but with what another visitor's page holds, which is all that an attacker can read. Only where the
 * first is let through and the second is not, it was the forgery that was refused.
 */
async function forge(context: RuleContext, { what, own, forged }: Forgery): Promise<Outcome> {
  const visitor = context.hasAccount ? await context.signedIn() : context.visit();
  const place = context.hasAccount ? await pageWithForm(context) : {};
  const form = formOf(await visitor.ask(place));
  const theirs = formOf(await context.visit().ask(place));
  const usual = await visitor.ask(posting(form, form.fields, own));
  const body = theirs.target === form.target ? theirs.fields : form.readable;
  const answer = await visitor.ask(posting(form, body, forged));
  const seen = `${answered(answer)} to ${what}, ${usual.status} to one of the site's own`;
  if (answer.status >= 400 && answer.status < 500 && answer.status !== usual.status) {
    // 404 or 405 beside another error says nothing of who asked.
    const lost = (answer.status === 404 || answer.status === 405) && usual.status >= 400;
    return lost ? notSeen(`${seen}: nothing takes a POST there`) : held(seen);
  }
  if (answer.status >= 400) return notSeen(`${seen}: nothing takes a POST there`);
  if (shapeOf(answer) !== shapeOf(usual)) return notSeen(`${seen}, but not with the same answer`);
  return verdictOn(what, visitor, seen);
}

/** Where somebody who is signed in finds a form that may be tried; the first page, where there is none. */
async function pageWithForm({ crawlSignedIn, site }: RuleContext): Promise<Probe> {
  const { pages } = await crawlSignedIn();
  const page = pages.find((one) => formsOf(one).some((form) => mayBeSent(form, site.origin)));
  return page === undefined ? {} : { target: pathOf(page) };
}

/** A forgery that went through harms where cookies come along that say whose it is. */
function verdictOn(what: string, visitor: Visitor, seen: string): Outcome {
  if (visitor.cookies.size === 0) {
    return notSeen(`${seen}, but no cookie came along to forge with: hand over an account (signIn)`);
  }
  const open = cookiesSet(visitor.answers).filter(
    ({ name, attributes }) =>
      looksLikeSession(name) && !['lax', 'strict'].includes(attributes.get('samesite') ?? ''),
  );
  return open.length > 0
    ? fellShort('error', `${what} was not refused, and a session cookie comes along with it`, seen, FIX)
    : fellShort(
        'warning',
        `${what} was not refused: only the SameSite of the cookies keeps other sites from sending it`,
        seen,
        FIX,
      );
}

interface Form {
  readonly target: string | undefined;
  readonly fields: string;
  /** What everybody knows of it who has seen another one's: all but its tokens. */
  readonly readable: string;
}

/**
 * The first form of a page that posts within the site and may be tried, as it stands there; where there is none, one field. All rules
 * share one visitor: a form that signs out would take the account from those that run beside.
 */
function formOf(page: Answer): Form {
  const { origin } = new URL(page.url);
  const form = formsOf(page).find((one) => mayBeSent(one, origin));
  const some = 'bulwark-check=1';
  if (form === undefined) return { target: undefined, fields: some, readable: some };
  const sent = form.fields.filter(({ type }) => type !== 'submit');
  return {
    target: `${form.action.pathname}${form.action.search}`,
    fields: bodyOf(sent),
    readable: bodyOf(sent.filter((field) => !isToken(field))),
  };
}

function bodyOf(fields: SeenForm['fields']): string {
  return new URLSearchParams(fields.map(({ name, value }): [string, string] => [name, value])).toString();
}

function posting(
  { target }: Pick<Form, 'target'>,
  body: string,
  headers: Readonly<Record<string, string>>,
): Probe {
  return {
    method: 'POST',
    ...(target !== undefined && { target }),
    headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
    body,
  };
}

const HANDSHAKE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'YnVsd2Fyay1jaGVjay4uLg==',
};

async function checkUpgrade({ ask, site }: RuleContext): Promise<Outcome> {
  const usual = await ask({ headers: { ...HANDSHAKE, origin: site.origin } });
  const forged = await ask({ headers: { ...HANDSHAKE, origin: FOREIGN } });
  const seen = `a handshake from ${FOREIGN} was answered ${forged.status}, one of the site's own ${usual.status}`;
  if (forged.status === 101) {
    return fellShort('error', 'a WebSocket opened for a page of another site', seen, FIX);
  }
  return forged.status >= 400 && forged.status < 500 && forged.status !== usual.status
    ? held(seen)
    : notSeen(`${seen}: no WebSocket is at this address, give one that opens it`);
}
