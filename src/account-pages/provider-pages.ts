/** Sign-in with others: there by a button, back by an address of each provider, and what of it people link. */
import { BulwarkError } from '../core/errors.ts';
import type { ProviderSummary } from '../identity/oidc/oidc.ts';
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
import { html, type Html } from '../ui/html.ts';
import { beginPath, IDENTITIES } from './provider-parts.ts';
import { ledOnce } from './same-posts.ts';
import { afterFirstFactor } from './sign-in-pages.ts';
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
  const begun = await identities.begin(request.visit, provider.provider, { purpose, next });
  return begun.ok ? onTo(provider, begun.url) : failed(provider, request, begun.reason);
}

async function link(identities: Identities, request: PageRequest): Promise<PageAnswer> {
  const wanted = formField(request, 'provider');
  const provider = identities.providers().find((one) => one.provider === wanted);
  if (provider === undefined) return redirect(at('/account'));
  const begun = await identities.begin(request.visit, wanted, { purpose: 'link' });
  return begun.ok ? onTo(provider, begun.url) : failed(provider, request, begun.reason);
}

async function finish(
  identities: Identities,
  provider: ProviderSummary,
  { home }: PageContext,
  request: PageRequest,
): Promise<PageAnswer> {
  // Whoever only looks ahead must not use the answer up.
  if (request.method === 'HEAD') return redirect(at('/login'));
  const address = `${request.path}?${request.query.toString()}`;
  const verdict = await identities.finish(request.visit, provider.provider, address);
  if (!verdict.ok) return failed(provider, request, verdict.reason);
  if (verdict.purpose === 'link') return redirect(at('/account#identities'));
  return afterFirstFactor(verdict.signIn, verdict.next ?? '', home);
}

async function unlink(identities: Identities, request: PageRequest, own: AccountRecord): Promise<PageAnswer> {
  const [issuer, subject] = [formField(request, 'issuer'), formField(request, 'subject')];
  const verdict = await identities.unlink(request.visit, own, issuer, subject);
  if (verdict !== 'last') return redirect(at('/account#identities'));
  return page(
    'Nothing was unlinked',
    html`<div class="narrow">
      <h1>Nothing was unlinked</h1>
      <p>It is the only way into your account. Set a password or add a passkey first.</p>
      <p><a class="button" href="${at('/account/password')}">Set a password</a></p>
      <p><a href="${at('/account')}">Back to your account</a></p>
    </div>`,
    409,
  );
}

/** Goes on by itself; the link is for browsers that do not. */
function onTo({ name }: ProviderSummary, url: string): PageAnswer {
  const title = `On to ${name}`;
  return {
    kind: 'page',
    status: 200,
    onTo: url,
    title,
    body: html`<div class="narrow">
      <h1>${title}</h1>
      <p>You sign in there, and come back here.</p>
      <p><a class="button" href="${url}" rel="noreferrer">Go on</a></p>
    </div>`,
  };
}

function failed(provider: ProviderSummary, { visit }: PageRequest, reason: IdentityRefusal): PageAnswer {
  const { name } = provider;
  if (reason === 'unknown') return unknownPage(name);
  const title = `No sign-in with ${name}`;
  const back =
    visit.session.principal === undefined
      ? html`<a class="button" href="${at('/login')}">Back to sign-in</a>`
      : html`<a class="button" href="${at('/account')}">Go to your account</a>`;
  return page(
    title,
    html`<div class="narrow">
      <h1>${title}</h1>
      <p>${(WORDS[reason] ?? didNotWork)(name)}</p>
      <p>${back}</p>
    </div>`,
    NOT_THEIRS.has(reason) ? 503 : 403,
  );
}

function unknownPage(name: string): PageAnswer {
  const title = `Your account at ${name} is not linked yet`;
  return page(
    title,
    html`<div class="narrow">
      <h1>${title}</h1>
      <p>
        If you have an account here, sign in to it as before. Then link ${name} on the page of your account:
        from then on you can sign in with it.
      </p>
      <p>
        <a class="button full" href="${at('/login?next=')}${at(encodeURIComponent('/account'))}"
          >Sign in and link it</a
        >
      </p>
      <p class="after-card">No account here yet? <a href="${at('/register')}">Create one</a></p>
    </div>`,
    403,
  );
}

type Words = (name: string) => string | Html;

const didNotWork: Words = (name) => `What came back from ${name} does not hold. Begin again.`;

const WORDS: Readonly<Partial<Record<IdentityRefusal, Words>>> = {
  denied: (name) => `You turned back at ${name}. Nothing has changed here.`,
  expired: () => 'This was used before, took too long, or something changed meanwhile. Begin again.',
  'not-signed-in': () => 'You were signed out meanwhile. Sign in and begin again.',
  'other-account': () => 'Someone else signed in here meanwhile. Begin again.',
  'other-identity': (name) => `That is another account at ${name} than the one that is linked here.`,
  late: () => 'You signed in here too long ago to link anything. Sign in again and begin anew.',
  taken: (name) => `That account at ${name} is linked already, to this account here or to another one.`,
  'not-fresh': (name) =>
    html`${name} does not say that you signed in anew, so it proves nothing. Use a passkey or your password.
      If you have neither, <a href="${at('/reset')}">choose a password by mail</a>.`,
  unavailable: (name) => `${name} does not answer. Try again in a while, or sign in another way.`,
  misconfigured: (name) =>
    `${name} and this site do not know each other as they should. Sign in another way.`,
};

/** Nothing that whoever signs in could do better. */
const NOT_THEIRS: ReadonlySet<IdentityRefusal> = new Set(['unavailable', 'misconfigured']);
