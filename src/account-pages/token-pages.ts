/** API tokens: what programs may do, seen, made and ended by whom they act for. */
import type { ApiTokenSummary, ApiTokenVerdict } from '../controls/api-tokens/api-tokens.ts';
import { FIRST_USE, isBound } from '../core/bound-to.ts';
import { parseDuration, showDuration } from '../core/readers.ts';
import type { AccountRecord } from '../stores/ports/accounts.ts';
import type { OwnTokens } from '../accounts/own-tokens.ts';
import type { Wording } from '../accounts/words/wording.ts';
import {
  formField,
  page,
  type PageAnswer,
  type PageHandler,
  type PageRequest,
  redirect,
} from './exchange.ts';
import { signedIn } from './exchange.ts';
import { button, errorList, field, type FieldError, form, hidden } from '../ui/forms.ts';
import { html, type Html } from '../ui/html.ts';
import { keepButtons } from './keep-parts.ts';
import { SamePosts } from './same-posts.ts';
import { asItStands, rich, showTime, withErrors } from './sentences.ts';
import { at } from './own-path.ts';

const LIST = '/account/tokens';
const NEW = '/account/tokens/new';
const LONGEST_NAME = 64;
/** What a form works once for: sent again, by a reload or another browser, it would make a token that nobody keeps. */
const FORM_PURPOSE = 'bulwark.api-token-form';
const FORM_LIFE_MS = 60 * 60_000;
const LIVES = ['7d', '30d', '90d', '180d', '365d'];

/** The pages of API tokens, where the application hands some in. */
export const TOKEN_PAGES: ReadonlyMap<string, PageHandler> = new Map([
  [`GET ${LIST}`, withTokens(showTokens)],
  [`GET ${NEW}`, withTokens(showNewToken)],
  [`POST ${NEW}`, withTokens(makeToken)],
  [`POST ${LIST}/revoke`, withTokens(revokeToken)],
  [`POST ${LIST}/revoke-all`, withTokens(revokeAllTokens)],
]);

/** The section of the account page that leads to them. */
export function tokenSection(words: Wording, tokens: readonly ApiTokenSummary[]): Html {
  const { say } = words;
  const live = tokens.filter(({ expired }) => !expired).length;
  return html`<section class="card" aria-labelledby="tokens">
    <h2 id="tokens">${say('tokens.title')}</h2>
    <p class="soft">${say('tokens.about')} ${live > 0 && words.count('tokens.live', live)}</p>
    <p><a class="button quiet small" href="${at(LIST)}">${say('tokens.manage')}</a></p>
  </section>`;
}

type TokenHandler = (
  tokens: OwnTokens,
  request: PageRequest,
  own: AccountRecord,
) => Promise<PageAnswer> | PageAnswer;

function withTokens(handler: TokenHandler): PageHandler {
  return signedIn(({ accounts: { apiTokens } }, request, own) =>
    apiTokens === undefined ? { kind: 'none' } : handler(apiTokens, request, own),
  );
}

async function showTokens(
  tokens: OwnTokens,
  { csrfToken, words }: PageRequest,
  own: AccountRecord,
): Promise<PageAnswer> {
  const all = await tokens.list(own.id);
  const { say } = words;
  const now = Date.now();
  return page(
    say('tokens.title'),
    html`<div class="column">
      <h1>${say('tokens.title')}</h1>
      <p class="soft">${say('tokens.why')}</p>
      ${
        all.length === 0
          ? html`<p class="card soft">${say('tokens.none')}</p>`
          : html`<div class="card">
              <ul class="sessions">
                ${all.map((token) => item(words, token, csrfToken, now))}
              </ul>
            </div>`
      }
      <p><a class="button" href="${at(NEW)}">${say('tokens.make')}</a></p>
      ${
        all.length > 1 &&
        html`<details class="card">
          <summary>${say('tokens.revokeAll')}</summary>
          <p>${say('tokens.revokeAllWhy')}</p>
          ${form(at(`${LIST}/revoke-all`), csrfToken, button(say('tokens.revokeAllButton'), 'button danger'), 'inline')}
        </details>`
      }
      <p class="after-card"><a href="${at('/account')}">${say('page.backToAccount')}</a></p>
    </div>`,
  );
}

function item(words: Wording, token: ApiTokenSummary, csrf: string, now: number): Html {
  const { say } = words;
  const { id, name, hint, scopes, createdAt, expiresAt, expired, usedAt, usedFrom, boundTo } = token;
  const times = { made: words.ago(createdAt, now), end: words.day(expiresAt) };
  const facts =
    usedAt === undefined
      ? say(expired ? 'tokens.unusedOver' : 'tokens.unused', times)
      : rich(words, expired ? 'tokens.usedOver' : 'tokens.used', {
          ...times,
          used: showTime(words, usedAt, now),
          address: usedFrom,
        });
  return html`<li>
    <div>
      <p class="device">
        ${asItStands(words, name)}${expired && html` <span class="badge">${say('tokens.expired')}</span>`}
      </p>
      <p class="small">${asItStands(words, html`<code>${hint}...</code>`)}</p>
      <p class="small">${say('tokens.may', { scopes: scopes.join(', ') })}</p>
      ${boundTo !== undefined && html`<p class="small">${say(isBound(boundTo) ? 'tokens.bound' : 'tokens.boundFirst')}</p>`}
      <p class="soft small">${facts}</p>
    </div>
    ${form(
      at(`${LIST}/revoke`),
      csrf,
      html`${hidden('token', id)}${button(say('tokens.revoke'), 'button quiet small', name)}`,
      'inline',
    )}
  </li>`;
}

function showNewToken(tokens: OwnTokens, request: PageRequest): Promise<PageAnswer> {
  const scopes = tokens.scopes.length === 1 ? tokens.scopes : [];
  return newTokenPage(tokens, request, {
    name: '',
    scopes,
    life: showDuration(tokens.life.usual),
    isToBind: false,
  });
}

/** Its form works once. The token is on the page that answers it, and in no address: nothing leads back to it. */
async function makeToken(tokens: OwnTokens, request: PageRequest, own: AccountRecord): Promise<PageAnswer> {
  const typed: TypedToken = {
    name: formField(request, 'name').trim(),
    scopes: tokens.scopes.filter((scope) => formField(request, scopeField(scope)) === 'yes'),
    life: formField(request, 'life'),
    isToBind: formField(request, 'bind') === 'yes',
  };
  const errors = problemsOf(request.words, typed, offeredLives(tokens.life));
  if (errors.length > 0) return newTokenPage(tokens, request, typed, errors);
  const { name, scopes, life, isToBind } = typed;
  const verdict = await made.of(request, async () => {
    const first = await request.visit.session.useToken(FORM_PURPOSE, formField(request, 'once'));
    if (!first) return { ok: false, reason: 'sent-before' };
    const boundTo = isToBind ? FIRST_USE : undefined;
    return await tokens.create(request.visit, own, { name, scopes, expiresIn: life, boundTo });
  });
  return verdict.ok
    ? tokenPage(request, verdict)
    : newTokenPage(tokens, request, typed, [whyNot(request.words, verdict)]);
}

async function revokeToken(tokens: OwnTokens, request: PageRequest, own: AccountRecord): Promise<PageAnswer> {
  await tokens.revoke(request.visit, own, formField(request, 'token'));
  return redirect(at(LIST));
}

async function revokeAllTokens(
  tokens: OwnTokens,
  { visit }: PageRequest,
  own: AccountRecord,
): Promise<PageAnswer> {
  await tokens.revokeAll(visit, own);
  return redirect(at(LIST));
}

/** A form that was used comes to nothing, wherever it is sent from: `sent-before`. */
type MakeVerdict = ApiTokenVerdict | { readonly ok: false; readonly reason: 'sent-before' };

const made = new SamePosts<MakeVerdict>(({ ok }) => ok);

interface TypedToken {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly life: string;
  /** Where none is asked for each, to the key of its first use. */
  readonly isToBind: boolean;
}

function problemsOf(
  { say }: Wording,
  { name, scopes, life }: TypedToken,
  lives: readonly string[],
): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (name === '') errors.push({ field: 'name', message: say('newToken.noName') });
  if (Array.from(name).length > LONGEST_NAME) {
    errors.push({ field: 'name', message: say('newToken.longName', { most: LONGEST_NAME }) });
  }
  if (scopes.length === 0) errors.push({ field: 'scopes', message: say('newToken.noScope') });
  if (!lives.includes(life)) errors.push({ field: 'life', message: say('newToken.noLife') });
  return errors;
}

function whyNot({ say }: Wording, verdict: Extract<MakeVerdict, { ok: false }>): FieldError {
  if (verdict.reason === 'sent-before') return { field: 'name', message: say('newToken.sentBefore') };
  const message =
    verdict.reason === 'too-many' ? say('newToken.tooMany', { most: verdict.most }) : say('newToken.failed');
  return { field: 'name', message };
}

/** What can be chosen, shortest first, each as `expiresIn` takes it. */
function offeredLives({ usual, longest }: OwnTokens['life']): readonly string[] {
  const common = LIVES.map((life) => parseDuration(life) ?? 0).filter((ms) => ms <= longest);
  const all = [...new Set([...common, usual, longest])];
  return all.sort((a, b) => a - b).map((ms) => showDuration(ms));
}

async function newTokenPage(
  tokens: OwnTokens,
  request: PageRequest,
  { name, scopes, life, isToBind }: TypedToken,
  errors: readonly FieldError[] = [],
): Promise<PageAnswer> {
  const { words, csrfToken } = request;
  const { say } = words;
  const now = Date.now();
  const once = await request.visit.session.issueToken(FORM_PURPOSE, FORM_LIFE_MS);
  const boxes = tokens.scopes.map(
    (scope) =>
      html`<label class="check"
        ><input
          type="checkbox"
          name="${scopeField(scope)}"
          value="yes"
          ${scopes.includes(scope) && 'checked'}
        />
        <code>${scope}</code></label
      >`,
  );
  const lives = offeredLives(tokens.life).map(
    (one) => html`<option value="${one}" ${one === life && 'selected'}>${showLife(words, one, now)}</option>`,
  );
  const body = html`${field({
      name: 'name',
      label: say('page.name'),
      autocomplete: 'off',
      value: name,
      hint: say('newToken.hint', { most: LONGEST_NAME }),
      errors,
    })}
    <fieldset id="scopes" tabindex="-1" class="field">
      <legend>${say('newToken.scopes')}</legend>
      ${boxes}
    </fieldset>
    <div class="field">
      <label for="life">${say('newToken.life')}</label>
      <select id="life" name="life">
        ${lives}
      </select>
    </div>
    ${
      tokens.dpop !== 'required' &&
      html`<div class="field">
        <label class="check"
          ><input
            type="checkbox"
            name="bind"
            value="yes"
            aria-describedby="bind-why"
            ${isToBind && 'checked'}
          />
          ${say('newToken.bind')}</label
        >
        <p class="soft small" id="bind-why">${say('newToken.bindWhy')}</p>
      </div>`
    }
    ${hidden('once', once)} ${button(say('newToken.make'))}`;
  return page(
    withErrors(words, say('newToken.title'), errors),
    html`<div class="narrow">
      <h1>${say('newToken.title')}</h1>
      ${errorList(errors)} ${form(at(NEW), csrfToken, body)}
      <p class="after-card"><a href="${at(LIST)}">${say('newToken.back')}</a></p>
    </div>`,
    errors.length > 0 ? 422 : 200,
  );
}

function tokenPage(
  { nonce, words }: PageRequest,
  { token, summary }: Extract<ApiTokenVerdict, { ok: true }>,
): PageAnswer {
  const { name, scopes, expiresAt, boundTo } = summary;
  const { say } = words;
  const header = html`<code>Authorization: ${boundTo === undefined ? 'Bearer' : 'DPoP'}</code>`;
  return page(
    say('token.title'),
    html`<div class="narrow">
      <h1>${say('token.title')}</h1>
      <p>${say('token.text')}</p>
      <div class="card">
        <div class="field">
          <label for="token">${asItStands(words, name)}</label>
          <textarea
            id="token"
            class="secret"
            dir="ltr"
            rows="2"
            readonly
            autofocus
            autocomplete="off"
            spellcheck="false"
          >
${token}</textarea>
        </div>
        <p class="soft small">
          ${say('token.may', { scopes: scopes.join(', '), day: words.day(expiresAt) })}
        </p>
        <p class="small">
          ${rich(words, 'token.header', { header })}
          ${boundTo !== undefined && rich(words, 'token.proof', { header: html`<code>DPoP</code>` })}
        </p>
      </div>
      ${keepButtons(words, { id: 'token', what: 'token', text: `${token}\n`, nonce })}
      <p><a class="button" href="${at(LIST)}">${say('token.kept')}</a></p>
    </div>`,
  );
}

// A field for each: parsers make a list of several of one name, or take the last.
function scopeField(scope: string): string {
  return `scope-${scope}`;
}

/** Such as `30 days, until 14 Mar 2026`. */
function showLife(words: Wording, life: string, now: number): string {
  const ms = parseDuration(life) ?? 0;
  return words.say('newToken.until', { life: words.days(ms), day: words.shortDay(now + ms) });
}
