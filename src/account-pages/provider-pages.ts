/** Sign-in with others: there by a button, back by an address of each provider, and what of it people link. */
import { BulwarkError } from '../core/errors.ts';
import type { ProviderSummary } from '../identity/oidc/oidc.ts';
import type { WordKey } from '../accounts/words/english.ts';
import type { Wording } from '../accounts/words/wording.ts';
import type { AccountRecord } from '../stores/ports/accounts.ts';
import type { Identities, IdentityRefusal } from '../accounts/flows/identities.ts';
import {
  formField,
  page,
  type PageAnswer,
  type PageContext,
  type PageHandler,
  type PageRequest,
  redirect,
  signedIn,
} from './exchange.ts';
import { html } from '../ui/html.ts';
import { beginPath, IDENTITIES } from './provider-parts.ts';
import { ledOnce } from './same-posts.ts';
import { rich } from './sentences.ts';
import { afterFirstFactor } from './sign-in-pages.ts';
import { wantsToStay } from './stay-parts.ts';
import { at } from './own-path.ts';

/** `METHOD /path` of them all, whoever the providers are. */
export const IDENTITY_PAGES: readonly string[] = [
  `POST ${beginPath(':provider')}`,
  `POST ${IDENTITIES}`,
  `POST ${IDENTITIES}/remove`,
];

/**
 * The pages of sign-in with others, where the application hands providers in.
 *
 * @param base - what stands before the paths of all these pages
 * @param isTaken - whether there is another page at a path, or a rule that keeps strangers from it
 * @throws BulwarkError ERR_BULWARK_INVALID_OPTION where the path of a provider is taken
 */
export function providerPages(
  identities: Identities,
  base: string,
  isTaken: (path: string) => boolean,
): ReadonlyMap<string, PageHandler> {
  const providers = identities.providers();
  const pages = new Map<string, PageHandler>([
    [`POST ${base}${IDENTITIES}`, signedIn((_context, request) => link(identities, request))],
    [
      `POST ${base}${IDENTITIES}/remove`,
      signedIn((_context, request, own) => unlink(identities, request, own)),
    ],
  ]);
  for (const one of providers) {
    const { pathname } = new URL(one.redirectUri);
    if (isTaken(pathname)) throw new BulwarkError('ERR_BULWARK_INVALID_OPTION', pathTaken(pathname));
    pages.set(`POST ${base}${beginPath(one.provider)}`, (_context, request) =>
      begin(identities, one, request),
    );
    pages.set(
      `GET ${pathname}`,
      ledOnce((context, request) => finish(identities, one, context, request)),
    );
  }
  return pages;
}

function pathTaken(path: string): string {
  return `providers: ${path} is an address of another account page, or for people who are signed in only. fix: leave path out, or path: '/auth/home/callback'`;
}

async function begin(
  identities: Identities,
  provider: ProviderSummary,
  request: PageRequest,
): Promise<PageAnswer> {
  const purpose = formField(request, 'again') === 'yes' ? 'again' : 'sign-in';
  const next = formField(request, 'next');
  const begun = await identities.begin(request.visit, provider.provider, {
    purpose,
    next,
    stay: wantsToStay(request),
  });
  return begun.ok ? onTo(request, provider, begun.url) : failed(provider, request, begun.reason);
}

async function link(identities: Identities, request: PageRequest): Promise<PageAnswer> {
  const wanted = formField(request, 'provider');
  const provider = identities.providers().find((one) => one.provider === wanted);
  if (provider === undefined) return redirect(at('/account'));
  const begun = await identities.begin(request.visit, wanted, { purpose: 'link' });
  return begun.ok ? onTo(request, provider, begun.url) : failed(provider, request, begun.reason);
}

async function finish(
  identities: Identities,
  provider: ProviderSummary,
  context: PageContext,
  request: PageRequest,
): Promise<PageAnswer> {
  // Whoever only looks ahead must not use the answer up.
  if (request.method === 'HEAD') return redirect(at('/login'));
  const address = `${request.path}?${request.query.toString()}`;
  const verdict = await identities.finish(request.visit, provider.provider, address);
  if (!verdict.ok) return failed(provider, request, verdict.reason);
  if (verdict.purpose === 'link') return redirect(at('/account#identities'));
  return await afterFirstFactor(context, request, verdict.signIn, verdict.next ?? '');
}

async function unlink(identities: Identities, request: PageRequest, own: AccountRecord): Promise<PageAnswer> {
  const [issuer, subject] = [formField(request, 'issuer'), formField(request, 'subject')];
  const verdict = await identities.unlink(request.visit, own, issuer, subject);
  if (verdict !== 'last') return redirect(at('/account#identities'));
  const { say } = request.words;
  return page(
    say('identities.last'),
    html`<div class="narrow">
      <h1>${say('identities.last')}</h1>
      <p>${say('identities.lastText')}</p>
      <p><a class="button" href="${at('/account/password')}">${say('identities.setPassword')}</a></p>
      <p><a href="${at('/account')}">${say('page.backToAccount')}</a></p>
    </div>`,
    409,
  );
}

/** Goes on by itself; the link is for browsers that do not. */
function onTo({ words: { say } }: PageRequest, { name }: ProviderSummary, url: string): PageAnswer {
  const title = say('provider.onTo', { name });
  return {
    kind: 'page',
    status: 200,
    onTo: url,
    title,
    body: html`<div class="narrow">
      <h1>${title}</h1>
      <p>${say('provider.onToText')}</p>
      <p><a class="button" href="${url}" rel="noreferrer">${say('provider.goOn')}</a></p>
    </div>`,
  };
}

function failed({ name }: ProviderSummary, request: PageRequest, reason: IdentityRefusal): PageAnswer {
  if (reason === 'unknown') return unknownPage(request, name);
  const { visit, words } = request;
  const { say } = words;
  const title = say('provider.failed', { name });
  const byMail = html`<a href="${at('/reset')}">${say('identity.byMail')}</a>`;
  const why = rich(words, isTold(words, reason) ? `identity.${reason}` : 'identity.unfit', { name, byMail });

  const back =
    visit.session.principal === undefined
      ? html`<a class="button" href="${at('/login')}">${say('provider.backToSignIn')}</a>`
      : html`<a class="button" href="${at('/account')}">${say('page.toAccount')}</a>`;
  return page(
    title,
    html`<div class="narrow">
      <h1>${title}</h1>
      <p>${why}</p>
      <p>${back}</p>
    </div>`,
    NOT_THEIRS.has(reason) ? 503 : 403,
  );
}

function unknownPage({ words }: PageRequest, name: string): PageAnswer {
  const { say } = words;
  const title = say('unlinked.title', { name });
  const create = html`<a href="${at('/register')}">${say('unlinked.create')}</a>`;
  return page(
    title,
    html`<div class="narrow">
      <h1>${title}</h1>
      <p>${say('unlinked.text', { name })}</p>
      <p>
        <a class="button full" href="${at('/login?next=')}${at(encodeURIComponent('/account'))}"
          >${say('unlinked.signIn')}</a
        >
      </p>
      <p class="after-card">${rich(words, 'unlinked.noAccount', { create })}</p>
    </div>`,
    403,
  );
}

/** Reasons with a sentence of their own: of the others, nobody could make anything. */
type Told = {
  [Reason in IdentityRefusal]: `identity.${Reason}` extends WordKey ? Reason : never;
}[IdentityRefusal];

function isTold(words: Wording, reason: IdentityRefusal): reason is Told {
  return words.has(`identity.${reason}`);
}

/** Nothing that whoever signs in could do better. */
const NOT_THEIRS: ReadonlySet<IdentityRefusal> = new Set(['unavailable', 'misconfigured']);
