/** API tokens: what programs may do, seen, made and ended by whom they act for. */
import type { ApiTokenSummary, ApiTokenVerdict } from '../controls/api-tokens/api-tokens.ts';
import { parseDuration, showDuration } from '../core/readers.ts';
import type { AccountRecord } from '../stores/ports/accounts.ts';
import type { OwnTokens } from '../accounts/own-tokens.ts';
import { showAgo, showDay, showShortDay, showTime } from '../ui/dates.ts';
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
import { withErrors } from './sign-in-pages.ts';
import { at } from './own-path.ts';

const LIST = '/account/tokens';
const NEW = '/account/tokens/new';
const LONGEST_NAME = 64;
/** What a form works once for: sent again, by a reload or another browser, it would make a token that nobody keeps. */
const FORM_PURPOSE = 'bulwark.api-token-form';
const FORM_LIFE_MS = 60 * 60_000;
const LIVES = ['7d', '30d', '90d', '180d', '365d'];
const DAY = 24 * 60 * 60_000;
const HOUR = 60 * 60_000;

/** The pages of API tokens, where the application hands some in. */
export const TOKEN_PAGES: ReadonlyMap<string, PageHandler> = new Map([
  [`GET ${LIST}`, withTokens(showTokens)],
  [`GET ${NEW}`, withTokens(showNewToken)],
  [`POST ${NEW}`, withTokens(makeToken)],
  [`POST ${LIST}/revoke`, withTokens(revokeToken)],
  [`POST ${LIST}/revoke-all`, withTokens(revokeAllTokens)],
]);

/** The section of the account page that leads to them. */
export function tokenSection(tokens: readonly ApiTokenSummary[]): Html {
  const live = tokens.filter(({ expired }) => !expired).length;
  return html`<section class="card" aria-labelledby="tokens">
    <h2 id="tokens">API tokens</h2>
    <p class="soft">
      With a token, a program acts for you, within limits that you
      set.${live > 0 && html` ${live === 1 ? 'One works' : `${live} work`} now.`}
    </p>
    <p><a class="button quiet small" href="${at(LIST)}">Manage API tokens</a></p>
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
  { csrfToken }: PageRequest,
  own: AccountRecord,
): Promise<PageAnswer> {
  const all = await tokens.list(own.id);
  const now = Date.now();
  return page(
    'API tokens',
    html`<div class="column">
      <h1>API tokens</h1>
      <p class="soft">
        Whoever has a token does what it allows, as you. Revoke those that nothing uses any more.
      </p>
      ${
        all.length === 0
          ? html`<p class="card soft">No tokens yet.</p>`
          : html`<div class="card">
              <ul class="sessions">
                ${all.map((token) => item(token, csrfToken, now))}
              </ul>
            </div>`
      }
      <p><a class="button" href="${at(NEW)}">Make a token</a></p>
      ${
        all.length > 1 &&
        html`<details class="card">
          <summary>Revoke all of them</summary>
          <p>Every program that uses one stops at once. None of them can be brought back.</p>
          ${form(at(`${LIST}/revoke-all`), csrfToken, button('Revoke all tokens', 'button danger'), 'inline')}
        </details>`
      }
      <p class="after-card"><a href="${at('/account')}">Back to your account</a></p>
    </div>`,
  );
}

function item(token: ApiTokenSummary, csrf: string, now: number): Html {
  const { id, name, hint, scopes, createdAt, expiresAt, expired, usedAt, usedFrom } = token;
  const used =
    usedAt === undefined ? 'never used' : html`last used ${showTime(usedAt, now)} from ${usedFrom}`;
  return html`<li>
    <div>
      <p class="device">${name}${expired && html` <span class="badge">Expired</span>`}</p>
      <p class="small"><code>${hint}...</code></p>
      <p class="small">May: ${scopes.join(', ')}</p>
      <p class="soft small">
        made ${showAgo(createdAt, now)}, ${used}, ${expired ? 'expired' : 'expires'} ${showDay(expiresAt)}
      </p>
    </div>
    ${form(
      `${LIST}/revoke`,
      csrf,
      html`${hidden('token', id)}${button('Revoke', 'button quiet small', name)}`,
      'inline',
    )}
  </li>`;
}

function showNewToken(tokens: OwnTokens, request: PageRequest): Promise<PageAnswer> {
  const scopes = tokens.scopes.length === 1 ? tokens.scopes : [];
  return newTokenPage(tokens, request, { name: '', scopes, life: showDuration(tokens.life.usual) });
}

/** Its form works once. The token is on the page that answers it, and in no address: nothing leads back to it. */
async function makeToken(tokens: OwnTokens, request: PageRequest, own: AccountRecord): Promise<PageAnswer> {
  const typed: TypedToken = {
    name: formField(request, 'name').trim(),
    scopes: tokens.scopes.filter((scope) => formField(request, scopeField(scope)) === 'yes'),
    life: formField(request, 'life'),
  };
  const errors = problemsOf(typed, offeredLives(tokens.life));
  if (errors.length > 0) return newTokenPage(tokens, request, typed, errors);
  const { name, scopes, life } = typed;
  const verdict = await made.of(request, async () => {
    const first = await request.visit.session.useToken(FORM_PURPOSE, formField(request, 'once'));
    if (!first) return { ok: false, reason: 'sent-before' };
    return await tokens.create(request.visit, own, { name, scopes, expiresIn: life });
  });
  return verdict.ok ? tokenPage(request, verdict) : newTokenPage(tokens, request, typed, [whyNot(verdict)]);
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
}

const SENT_BEFORE =
  'This form was sent before, or lay for too long. Look at your tokens first; if there is none of it, press the button again.';

function problemsOf({ name, scopes, life }: TypedToken, lives: readonly string[]): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (name === '') errors.push({ field: 'name', message: 'Give the token a name.' });
  if (Array.from(name).length > LONGEST_NAME) {
    errors.push({ field: 'name', message: `A name has at most ${LONGEST_NAME} characters.` });
  }
  if (scopes.length === 0)
    errors.push({ field: 'scopes', message: 'Choose at least one thing that it may do.' });
  if (!lives.includes(life)) errors.push({ field: 'life', message: 'Choose one of the times in the list.' });
  return errors;
}

function whyNot(verdict: Extract<MakeVerdict, { ok: false }>): FieldError {
  if (verdict.reason === 'sent-before') return { field: 'name', message: SENT_BEFORE };
  const message =
    verdict.reason === 'too-many'
      ? `You have ${verdict.most} tokens, which is as many as there may be. Revoke one first.`
      : 'No token was made. Go back to your account and begin again.';
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
  { name, scopes, life }: TypedToken,
  errors: readonly FieldError[] = [],
): Promise<PageAnswer> {
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
    (one) => html`<option value="${one}" ${one === life && 'selected'}>${showLife(one, now)}</option>`,
  );
  const body = html`${field({
      name: 'name',
      label: 'Name',
      autocomplete: 'off',
      value: name,
      hint: 'What it is for, so that you know it again. At most 64 characters.',
      errors,
    })}
    <fieldset id="scopes" tabindex="-1" class="field">
      <legend>What it may do</legend>
      ${boxes}
    </fieldset>
    <div class="field">
      <label for="life">How long it works</label>
      <select id="life" name="life">
        ${lives}
      </select>
    </div>
    ${hidden('once', once)} ${button('Make the token')}`;
  return page(
    withErrors('Make a token', errors),
    html`<div class="narrow">
      <h1>Make a token</h1>
      ${errorList(errors)} ${form(at(NEW), request.csrfToken, body)}
      <p class="after-card"><a href="${at(LIST)}">Back to your tokens</a></p>
    </div>`,
    errors.length > 0 ? 422 : 200,
  );
}

function tokenPage(
  { nonce }: PageRequest,
  { token, summary }: Extract<ApiTokenVerdict, { ok: true }>,
): PageAnswer {
  const { name, scopes, expiresAt } = summary;
  const file = { name: 'api-token.txt', text: `${token}\n` };
  return page(
    'Your new token',
    html`<div class="narrow">
      <h1>Your new token</h1>
      <p>Copy it now. It is shown only this once, and nobody can tell it to you later.</p>
      <div class="card">
        <div class="field">
          <label for="token">${name}</label>
          <textarea
            id="token"
            class="secret"
            rows="2"
            readonly
            autofocus
            autocomplete="off"
            spellcheck="false"
          >
${token}</textarea>
        </div>
        <p class="soft small">May: ${scopes.join(', ')}. Works until ${showDay(expiresAt)}.</p>
        <p class="small">
          A program sends it in the header <code>Authorization: Bearer</code>, and nowhere else.
        </p>
      </div>
      ${keepButtons({ id: 'token', what: 'token', file, nonce })}
      <p><a class="button" href="${at(LIST)}">I have kept it</a></p>
    </div>`,
  );
}

// A field for each: parsers make a list of several of one name, or take the last.
function scopeField(scope: string): string {
  return `scope-${scope}`;
}

/** Such as `30 days, until 14 Mar 2026`. */
function showLife(life: string, now: number): string {
  const ms = parseDuration(life) ?? 0;
  const [amount, unit] = ms % DAY === 0 ? [ms / DAY, 'day'] : [Math.round(ms / HOUR), 'hour'];
  return `${amount} ${unit}${amount === 1 ? '' : 's'}, until ${showShortDay(now + ms)}`;
}
