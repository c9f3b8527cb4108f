/** What `check` asks of every form that the walk of somebody who is signed in finds: whether another site can send it, by effect. */
import { type Answer, answered, type Probe, shapeOf } from '../../core/answer.ts';
import { randomId } from '../../core/random.ts';
import {
  fault,
  type Fault,
  judged,
  notSeen,
  type Outcome,
  type Rule,
  type RuleContext,
  type Visitor,
} from '../../core/rule.ts';
import { cookiesSet, looksLikeSession } from '../../core/seen-cookies.ts';
import { formsOf, type SeenForm } from '../../core/seen-page.ts';
import { isToken, mayBeSent, pathOf } from './tried-forms.ts';

/** Rules about forms. */
export const csrfFormRules: readonly Rule[] = [
  {
    id: 'csrf.forms',
    title: 'No form of somebody who is signed in can be sent by another site',
    level: 'error',
    guide: 6,
    asvs: ['v5.0.0-3.5.1 (in part)'],
    cwe: ['CWE-352'],
    needs: 'own-account',
    run: checkForms,
  },
];

const MOST_FORMS = 5;
const FOREIGN = 'https://attacker.example';

/** How a browser sends what another site has it send: an attacker cannot read a token, so none comes along. */
const FORGERIES: readonly (readonly [what: string, headers: Readonly<Record<string, string>>])[] = [
  ['marked cross-site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', origin: FOREIGN }],
  ['with a foreign Origin', { origin: FOREIGN }],
  ['with Origin: null', { origin: 'null' }],
  ['without a token, and without a word of where it comes from', {}],
]; // prettier-ignore

async function checkForms(context: RuleContext): Promise<Outcome> {
  const { pages } = await context.crawlSignedIn();
  const visitor = await context.signedIn();
  const found = new Map<string, { readonly form: SeenForm; readonly page: Answer }>();
  for (const page of pages) {
    for (const form of formsOf(page)) {
      const { pathname } = form.action;
      if (!mayBeSent(form, context.site.origin)) continue;
      if (!found.has(pathname)) found.set(pathname, { form, page });
    }
  }
  if (found.size === 0) return notSeen(`no form on ${pages.length} pages changes anything that may be tried`);
  const faults: Fault[] = [];
  const tried: string[] = [];
  for (const { form, page } of [...found.values()].slice(0, MOST_FORMS)) {
    const outcome = await tryForm(context, visitor, form, page);
    if (outcome === undefined) continue;
    tried.push(form.action.pathname);
    faults.push(...outcome);
  }
  return tried.length === 0
    ? notSeen(`none of ${found.size} forms was taken when it was sent as a person would`)
    : judged(
        faults,
        `${tried.join(', ')}: sent as a person would they were taken, and from elsewhere they were not`,
      );
}

/** What was taken of it that must not be; nothing where not even its own page can send it. */
async function tryForm(
  context: RuleContext,
  visitor: Visitor,
  form: SeenForm,
  page: Answer,
): Promise<readonly Fault[] | undefined> {
  const { origin } = context.site;
  const target = `${form.action.pathname}${form.action.search}`;
  const mine = marker();
  const fresh = formsOf(await visitor.ask({ target: pathOf(page) })).find(
    ({ action, method }) => method === 'POST' && action.pathname === form.action.pathname,
  );
  const usual = await visitor.ask(
    filled(fresh ?? form, target, mine, true, { origin, 'sec-fetch-site': 'same-origin', referer: page.url }),
  );
  if (usual.status >= 400) return undefined;
  context.changed(`POST ${target}, once as a person would`);
  const shows = await isThere(visitor, page, usual, mine);
  const faults: Fault[] = [];
  for (const [what, headers] of FORGERIES) {
    const theirs = marker();
    const answer = await visitor.ask(filled(form, target, theirs, false, headers));
    const effect = shows && (await isThere(visitor, page, answer, theirs));
    // Where no page shows what was sent, the same answer is all that there is to go by.
    const alike = !shows && answer.status < 400 && shapeOf(answer) === shapeOf(usual);
    if (!effect && !alike) continue;
    context.changed(`POST ${target}, once ${what}`);
    faults.push(
      faultOf(
        visitor,
        what,
        target,
        `${answered(answer)} ${what}, ${effect ? 'and what it said was there' : 'as to one of its own'}`,
        effect,
        Object.keys(headers).length === 0,
      ),
    );
  }
  // The last says nothing more where the others went through as well.
  return faults.length > 1 ? faults.slice(0, 1) : faults;
}

function faultOf(
  visitor: Visitor,
  what: string,
  target: string,
  seen: string,
  effect: boolean,
  silent: boolean,
): Fault {
  const open = cookiesSet(visitor.answers).some(
    ({ name, attributes }) =>
      looksLikeSession(name) && !['lax', 'strict'].includes(attributes.get('samesite') ?? ''),
  );
  const level = silent ? 'note' : open ? 'error' : 'warning';
  const message = silent
    ? 'a form is taken without a token, and without a word of where it comes from, as old browsers send it'
    : open
      ? `a form is taken ${what}, and a session cookie comes along with it`
      : `a form is taken ${what}: only the SameSite of the cookies keeps other sites from sending it`;
  return fault(
    level,
    message,
    seen,
    'refuse unsafe methods by Sec-Fetch-Site and Origin, or ask for a token in every form',
    {
      confidence: effect ? 'high' : 'medium',
      mark: `${target} ${level}`,
    },
  );
}

function filled(
  form: SeenForm,
  target: string,
  text: string,
  withToken: boolean,
  headers: Readonly<Record<string, string>>,
): Probe {
  const body = new URLSearchParams();
  for (const field of form.fields) {
    const { name, value, type } = field;
    if (type === 'submit' || (isToken(field) && !withToken)) continue;
    const isText = ['text', 'textarea', 'search'].includes(type);
    body.append(name, isText ? text : value);
  }
  return {
    method: 'POST',
    target,
    headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
    body: body.toString(),
  };
}

async function isThere(visitor: Visitor, page: Answer, answer: Answer, text: string): Promise<boolean> {
  return answer.body.includes(text) || (await visitor.ask({ target: pathOf(page) })).body.includes(text);
}

function marker(): string {
  return `bulwark-check-${randomId(9).replaceAll(/[^a-z0-9]/gi, 'x')}`;
}
