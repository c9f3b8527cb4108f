/** The pages of accounts on Node.js: from a request to an answer that each framework writes by its own means. */
import type { IncomingMessage } from 'node:http';
import { Accounts, type AccountsLayer } from '../accounts/accounts.ts';
import type { AccountPagesSettings } from '../accounts/pages/account-pages.options.ts';
import { answerAccountPage, isAccountPage, listAccountPages, ruledPages } from './account-pages.ts';
import { busyPage, fullPage } from './busy-page.ts';
import { type PageAnswer, type PageContext, type PageRequest, redirect } from './exchange.ts';
import { type Layout, plainLayout } from '../ui/layout.ts';
import type { AccountVisit } from '../accounts/context.ts';
import { visitOf } from '../accounts/visit.ts';
import type { Wording } from '../accounts/words/wording.ts';
import { type Wordings, wordingsOf } from '../accounts/words/wordings.ts';
import { call, callback, fields, maybe } from '../core/call.ts';
import { LAYER_PARTS, onLayer } from '../core/layer-parts.ts';
import { MOST_FORM_BYTES } from '../core/small-body.ts';
import { BulwarkError, type ErrorCode, PolicyError, type PolicyProblem } from '../core/errors.ts';
import { noteUnknownWho } from '../core/exchange.ts';
import { OWN_ANSWER } from '../controls/errors/errors.ts';
import { hashSessionId, readSessionCookie, SESSION_COOKIE } from '../controls/sessions/session-cookie.ts';
import { stateOf } from '../controls/sessions/session-state.ts';
import { bodyTooLarge } from '../controls/firewall/body.ts';
import { missingPeers } from '../identity/mfa/optional-types.ts';
import { warnOfMissingPeers } from '../node/missing-peers.ts';
import {
  isAnswered,
  type MountedPages,
  type PageReply,
  type PageVisit,
  replyOf as reply,
  targetOf,
} from '../node/mounted/mounted-pages.ts';
import { judgeForm } from '../node/mounted/own-guards.ts';
import { readFields } from '../node/mounted/read-fields.ts';
import { refuse } from '../node/response.ts';
import { View } from '../layer/view.ts';
import { at, withBase } from './own-path.ts';

/** How account pages look. */
export interface AccountPagesLook {
  /** Puts the application's own frame around a page. Default: a plain one, for light and dark, phone and desk. */
  readonly layout?: Layout;
}

/** What account pages need of a layer: what `bulwark(policy)` gives back has it. */
export type AccountPagesLayer = AccountsLayer & {
  readonly [LAYER_PARTS]: { readonly policy: { readonly accountPages: AccountPagesSettings | undefined } };
};

const checkPages = call('accountPages(layer, { layout }), with const layer = bulwark(policy)', {
  layer: onLayer,
  options: fields<AccountPagesLook>({ layout: maybe(callback) }),
});

/** The pages of the accounts of one application. */
export class HostedPages implements MountedPages {
  readonly routes: readonly string[];
  readonly ruled: readonly string[];
  readonly #context: PageContext;
  readonly #layout: Layout;
  readonly #wordings: Wordings;

  constructor(layer: AccountPagesLayer, options: AccountPagesLook) {
    checkPages(layer, options);
    const accounts = Accounts.of(layer);
    const { accounts: spoken, accountPages: settings } = layer[LAYER_PARTS].policy;
    if (settings === undefined || spoken === undefined) throw new PolicyError([SWITCHED_OFF]);
    warnOfMissingPeers(missingPeers());
    const { home, base } = settings;
    this.#context = { accounts, home, base, mailbox: accounts.mailbox };
    this.routes = listAccountPages(this.#context);
    this.ruled = ruledPages(base);
    this.#wordings = wordingsOf(spoken);
    this.#layout = options.layout ?? plainLayout(accounts.name);
  }

  has({ method, url }: Pick<IncomingMessage, 'method' | 'url'>): boolean {
    return isAccountPage(this.#context, method ?? '', targetOf(url).path);
  }

  async answer(asked: PageVisit): Promise<PageReply | undefined> {
    // Under another address than the one that was sent, the rules of these pages were never asked.
    if (View.exchangeOf(asked.view).target !== asked.request.url) return undefined;
    const cookies: (readonly [string, string])[] = [];
    try {
      const answer = await answerAccountPage(this.#context, await this.#request(asked, cookies));
      return this.#write(answer, asked, cookies);
    } catch (error) {
      if (isCode(error, 'ERR_BULWARK_QUEUE_FULL'))
        return this.#write(busyPage(this.#wordsFor(asked)), asked, cookies);
      if (isCode(error, 'ERR_BULWARK_SESSIONS_FULL'))
        return this.#write(fullPage(this.#wordsFor(asked)), asked, cookies);
      if (isCode(error, 'ERR_BULWARK_SESSION_OVER'))
        return this.#write(redirect(at('/login')), asked, cookies);
      const exchange = View.exchangeOf(asked.view);
      // Whichever store it was: a 500 that comes of it leaves as 503.
      noteUnknownWho(exchange, error);
      if (isCode(error, 'ERR_BULWARK_BODY_TOO_LARGE') && !isAnswered(asked)) {
        // The policy lets larger bodies through to other routes, or to this one. Nobody reads on for them here.
        const refusal = bodyTooLarge(MOST_FORM_BYTES);
        View.layerOf(asked.view).report(exchange, 'body', refusal);
        refuse(asked.response, refusal);
      }
      throw error;
    }
  }

  #wordsFor({ request }: PageVisit): Wording {
    return this.#wordings.of(request.headers['accept-language']);
  }

  async #request(asked: PageVisit, cookies: (readonly [string, string])[]): Promise<PageRequest> {
    const { view, request, response } = asked;
    const { path, query } = targetOf(request.url);
    const fields = await readFields(request.method, View.exchangeOf(view).body, asked.handed);
    // What a provider posts from elsewhere is known by its state.
    if (request.method === 'POST' && View.exchangeOf(view).rules.accept === undefined)
      judgeForm(asked, fields.form);
    // Whoever sends slowly may have been signed out since the head of the request was judged, or, by a button that was
    // pressed twice, signed in.
    if (request.method === 'POST') await view.session.confirmOrVisit();
    // Some frameworks replace what was put on the response of Node.js: cookies go with their own answer.
    const answering = {
      appendHeader: (name: string, value: string) => cookies.push([name, value]),
      once: (event: 'close', listener: () => void) => response.once(event, listener),
      get writableFinished() {
        return response.writableFinished;
      },
    };
    let visit: AccountVisit | undefined;
    return {
      ...fields,
      words: this.#wordsFor(asked),
      // Who asks is looked at only where a page does it: what is the same for everyone can be kept by browsers.
      get visit() {
        return (visit ??= visitOf(view, request, answering));
      },
      get csrfToken() {
        return view.csrfToken;
      },
      method: request.method ?? 'GET',
      path,
      query: new URLSearchParams(query),
      nonce: view.nonce,
      takeHeldRequest: (id: string | undefined) => view.takeHeldRequest(id),
      get cookies() {
        return [...cookies, ...View.exchangeOf(view).extraHeaders]
          .filter(([name]) => name === 'Set-Cookie')
          .map(([, line]) => line);
      },
      repeatCookies: (lines: readonly string[]) => repeatCookies(view, cookies, lines),
    };
  }

  #write(
    answer: PageAnswer,
    asked: PageVisit,
    cookies: readonly (readonly [string, string])[],
  ): PageReply | undefined {
    if (answer.kind === 'none') return undefined;
    const { view, request } = asked;
    const { base, home } = this.#context;
    if (answer.kind === 'redirect')
      return reply(303, [...cookies, ['Location', withBase(answer.to, base)]], null);
    if (answer.kind === 'json') {
      View.exchangeOf(view).set(OWN_ANSWER, true);
      return reply(
        answer.status,
        [...cookies, JSON_TYPE, NOT_KEPT],
        JSON.stringify(answer.body, (_name, value: unknown) =>
          typeof value === 'string' ? withBase(value, base) : value,
        ),
      );
    }
    if (answer.kind === 'download') {
      View.exchangeOf(view).set(OWN_ANSWER, true);
      const kept = ['Content-Disposition', `attachment; filename="${answer.name}"`] as const;
      return reply(200, [...cookies, JSON_TYPE, NOT_KEPT, kept], answer.body);
    }
    if (answer.kind === 'script') return reply(200, [...cookies, SCRIPT_TYPE, KEPT], answer.body);
    const { title, status, retryAfterMs, onTo } = answer;
    const { say, language, direction } = this.#wordsFor(asked);
    const document = this.#layout({
      title,
      body: withBase(answer.body.text, base),
      language,
      direction,
      signOut: `${base}/logout`,
      signOutLabel: say('page.signOut'),
      home,
      homeLabel: say('page.home'),
      nonce: view.nonce,
      csrfToken: view.csrfToken,
      signedIn: view.principal !== undefined,
      path: targetOf(request.url).path,
    });
    const headers = [...cookies, PAGE_TYPE, ['Content-Language', language] as const];
    if (retryAfterMs !== undefined) headers.push(['Retry-After', String(Math.ceil(retryAfterMs / 1000))]);
    // No redirect: browsers hold that of a form to `form-action`, which is this site.
    if (onTo !== undefined) headers.push(['Refresh', `0; url=${onTo}`]);
    // Not before the layout of the application is done: what comes of one that throws is not ours.
    const exchange = View.exchangeOf(view);
    exchange.set(OWN_ANSWER, true);
    // Beside what the application says there.
    if (this.#wordings.areSeveral) exchange.extraHeaders.push(['Vary', 'Accept-Language']);
    return reply(status, headers, document);
  }
}

/** The session's own goes where the layer puts it: two of one name would leave the choice to chance. */
async function repeatCookies(
  view: View,
  cookies: (readonly [string, string])[],
  lines: readonly string[],
): Promise<boolean> {
  const { sessions } = View.layerOf(view);
  const state = stateOf(sessions, View.exchangeOf(view));
  const own = lines.find((line) => line.startsWith(`${SESSION_COOKIE}=`));
  if (own !== undefined) {
    const id = readSessionCookie(own);
    if (id === undefined || (await sessions.store.find(hashSessionId(id), state.now())) === undefined)
      return false;
    // What this request came under was replaced by it, and is no session to be told about as over.
    state.leave();
    state.sendCookie(own);
  }
  for (const line of lines) if (line !== own) cookies.push(['Set-Cookie', line]);
  return true;
}

const SWITCHED_OFF: PolicyProblem = {
  code: 'ERR_BULWARK_INVALID_OPTION',
  option: 'accountPages',
  reason: 'it is false, so that the policy has no rules for these pages.',
  fix: 'leave accountPages out, or mount no account pages',
};
const JSON_TYPE = ['Content-Type', 'application/json'] as const;
const SCRIPT_TYPE = ['Content-Type', 'text/javascript; charset=utf-8'] as const;
/** As long as someone tries to sign in; a new version of this package is not mixed with an old script for long. */
const KEPT = ['Cache-Control', 'public, max-age=600'] as const;
/** A challenge that a cache gives to two people works for one of them. */
const NOT_KEPT = ['Cache-Control', 'no-store'] as const;
const PAGE_TYPE = ['Content-Type', 'text/html; charset=utf-8'] as const;

function isCode(error: unknown, code: ErrorCode): boolean {
  return error instanceof BulwarkError && error.code === code;
}
