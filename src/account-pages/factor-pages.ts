/** Second factors: set up, shown once, taken away. */
import type { TotpEnrolment, TotpVerdict } from '../identity/mfa/mfa.ts';
import type { AccountRecord } from '../stores/ports/accounts.ts';
import {
  formField,
  page,
  type PageAnswer,
  type PageContext,
  type PageHandler,
  type PageRequest,
  redirect,
  signedIn,
  tooMany,
} from './exchange.ts';
import { button, errorList, field, type FieldError, form, hidden } from '../ui/forms.ts';
import { html, type Html } from '../ui/html.ts';
import { keepButtons } from './keep-parts.ts';
import { passkeyForm, passkeyScript } from './passkey-parts.ts';
import { SamePosts } from './same-posts.ts';
import { rich, withErrors } from './sentences.ts';
import { at } from './own-path.ts';

/** `POST /account/totp`: a secret, as a picture and as text. */
export const enrolApp: PageHandler = signedIn(async ({ accounts }, request, own) => {
  // One that counts is removed first: put in its place, it would be gone without a word where this one is undone.
  if ((await accounts.factors.overview(own.id)).totp !== undefined) return redirect(at('/account'));
  const enrolment = await enrolments.of(request, () => accounts.factors.totp.enrol(own.id, own.email));
  return appPage(request, toScan(request, enrolment));
});

/** `POST /account/totp/confirm`. */
export const confirmApp: PageHandler = signedIn(async (context, request, own) => {
  const verdict = await confirmations.of(request, () => turnOn(context, request, own));
  if (verdict.ok) return codesPage(context, request, own, verdict.codes);
  if (verdict.reason === 'not-enrolled') return redirect(at('/account'));
  const { say } = request.words;
  const message = say(verdict.reason === 'limited' ? 'app.limited' : 'app.wrong');
  const { totp } = context.accounts.factors;
  const enrolment = await totp.shownAgain(own.id, own.email, formField(request, 'enrolment'));
  const how = enrolment === undefined ? html`<p>${say('app.onlyCode')}</p>` : toScan(request, enrolment);
  const again = appPage(request, how, [{ field: 'code', message }]);
  return verdict.retryAfterMs === undefined ? again : tooMany(again, verdict.retryAfterMs);
});

/** `POST /account/totp/remove`. */
export const removeApp: PageHandler = signedIn(async ({ accounts }, { visit }, own) => {
  await accounts.removeFactor(visit, own, 'authenticator app', () =>
    accounts.factors.totp.remove(visit, own.id),
  );
  return redirect(at('/account'));
});

/** `POST /account/recovery-codes`. */
export const makeCodes: PageHandler = signedIn(async (context, request, own) => {
  const { accounts } = context;
  const make = async (): Promise<Codes> => ({ codes: await accounts.makeRecoveryCodes(request.visit, own) });
  return codesPage(context, request, own, (await codeSets.of(request, make)).codes);
});

/** `GET /account/passkeys/new`. */
export const showNewPasskey: PageHandler = signedIn((_context, { words, csrfToken, nonce }) => {
  const { say } = words;
  const name = field({
    name: 'name',
    label: say('page.name'),
    autocomplete: 'off',
    value: say('newPasskey.usual'),
    hint: say('newPasskey.hint'),
  });
  return page(
    say('newPasskey.title'),
    html`<div class="narrow">
      <h1>${say('newPasskey.title')}</h1>
      <noscript><p>${say('newPasskey.script')}</p></noscript>
      ${passkeyForm(words, 'register', at('/account/passkeys'), say('newPasskey.make'), at('/account'), name, csrfToken)}
      <p class="after-card"><a href="${at('/account')}">${say('page.backToAccount')}</a></p>
      ${passkeyScript(nonce)}
    </div>`,
  );
});

/** `POST /account/passkeys/remove`. */
export const removePasskey: PageHandler = signedIn(async ({ accounts }, request, own) => {
  const { visit } = request;
  await accounts.removeFactor(visit, own, 'passkey', () =>
    accounts.factors.passkeys.remove(visit, own.id, formField(request, 'id')),
  );
  return redirect(at('/account'));
});

/** `POST /account/devices/forget`. */
export const forgetRememberedBrowsers: PageHandler = signedIn(async ({ accounts }, { visit }, own) => {
  await accounts.factors.rememberedBrowsers.forgetAll(visit, own.id);
  return redirect(at('/account'));
});

interface Codes {
  readonly codes: readonly string[];
}

type Confirmation = ({ readonly ok: true } & Codes) | Exclude<TotpVerdict, { readonly ok: true }>;

// Each is shown once: of two posts at once the later would void what the earlier shows, or find nothing left to show.
const confirmations = new SamePosts<Confirmation>(({ ok }) => ok);
// Made anew where the first is done: what is shown last is what counts.
const enrolments = new SamePosts<TotpEnrolment>(() => false);
const codeSets = new SamePosts<Codes>(() => false);

async function turnOn(
  { accounts }: PageContext,
  request: PageRequest,
  own: AccountRecord,
): Promise<Confirmation> {
  const { visit } = request;
  const { totp, recoveryCodesLeft } = await accounts.factors.overview(own.id);
  // One that counts is removed first, which its owner hears of. Without codes a store failed before they were shown.
  if (totp !== undefined && recoveryCodesLeft > 0) return { ok: false, reason: 'not-enrolled' };
  if (totp === undefined) {
    const verdict = await accounts.addFactor(visit, own, {
      add: () => accounts.factors.totp.confirm(visit, own.id, formField(request, 'code')),
      what: () => 'authenticator app',
      undo: () => accounts.factors.totp.remove(visit, own.id),
    });
    if (!verdict.ok) return verdict;
  }
  return { ok: true, codes: await accounts.makeRecoveryCodes(visit, own) };
}

function codesPage(
  { accounts }: PageContext,
  { nonce, words }: PageRequest,
  { email }: AccountRecord,
  codes: readonly string[],
): PageAnswer {
  const { say } = words;
  const about = say('codes.fileAbout', { email, service: accounts.name, day: words.day(Date.now()) });
  const text = [about, say('codes.fileOnce'), '', ...codes, ''].join('\r\n');
  return page(
    say('codes.title'),
    html`<div class="narrow">
      <h1>${say('codes.title')}</h1>
      <p>${say('codes.text')}</p>
      <ul class="codes card" id="codes" dir="ltr">
        ${codes.map((code) => html`<li><code>${code}</code></li>`)}
      </ul>
      ${keepButtons(words, { id: 'codes', what: 'codes', text, nonce })}
      <p><a class="button" href="${at('/account')}">${say('codes.kept')}</a></p>
    </div>`,
  );
}

function toScan({ words }: PageRequest, { qrCode, secret, id }: TotpEnrolment): Html {
  const { say } = words;
  const typed = html`<code class="secret">${secret}</code>`;
  return html`<p>${say('app.scan')}</p>
    <p class="qr">
      <img src="${qrCode}" width="220" height="220" alt="${say('app.picture')}" />
    </p>
    <p class="soft small">${rich(words, 'app.type', { secret: typed })}</p>
    ${hidden('enrolment', id)}`;
}

function appPage(
  { words, csrfToken }: PageRequest,
  how: Html,
  errors: readonly FieldError[] = [],
): PageAnswer {
  const { say } = words;
  const code = field({
    name: 'code',
    label: say('page.code'),
    autocomplete: 'one-time-code',
    inputmode: 'numeric',
    hint: say('app.hint'),
    errors,
  });
  return page(
    withErrors(words, say('app.title'), errors),
    html`<div class="narrow">
      <h1>${say('app.title')}</h1>
      ${errorList(errors)}
      ${form(at('/account/totp/confirm'), csrfToken, html`${how}${code}${button(say('app.turnOn'))}`)}
      <p class="after-card"><a href="${at('/account')}">${say('app.notNow')}</a></p>
    </div>`,
    errors.length > 0 ? 422 : 200,
  );
}
