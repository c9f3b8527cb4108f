/** Second factors: set up, shown once, taken away. */
import type { TotpEnrolment, TotpVerdict } from '../identity/mfa/mfa.ts';
import type { AccountRecord } from '../stores/ports/accounts.ts';
import { showDay } from '../ui/dates.ts';
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
import { withErrors } from './sign-in-pages.ts';
import { at } from './own-path.ts';

/** `POST /account/totp`: a secret, as a picture and as text. */
export const enrolApp: PageHandler = signedIn(async ({ accounts }, request, own) => {
  // One that counts is removed first: put in its place, it would be gone without a word where this one is undone.
  if ((await accounts.factors.overview(own.id)).totp !== undefined) return redirect(at('/account'));
  const enrolment = await enrolments.of(request, () => accounts.factors.totp.enrol(own.id, own.email));
  return appPage(request, toScan(enrolment));
});

/** `POST /account/totp/confirm`. */
export const confirmApp: PageHandler = signedIn(async (context, request, own) => {
  const verdict = await confirmations.of(request, () => turnOn(context, request, own));
  if (verdict.ok) return codesPage(context, request, own, verdict.codes);
  if (verdict.reason === 'not-enrolled') return redirect(at('/account'));
  const message =
    verdict.reason === 'limited'
      ? 'Too many codes were tried. Wait an hour and begin again.'
      : 'That code does not fit. Type the one your app shows now; check the clock of your phone.';
  const { totp } = context.accounts.factors;
  const enrolment = await totp.shownAgain(own.id, own.email, formField(request, 'enrolment'));
  const how =
    enrolment === undefined ? html`<p>Only the code of your app is missing.</p>` : toScan(enrolment);
  const again = appPage(request, how, [{ field: 'code', message }]);
  return verdict.retryAfterMs === undefined ? again : tooMany(again, verdict.retryAfterMs);
});

/** `POST /account/totp/remove`. */
export const removeApp: PageHandler = signedIn(async ({ accounts }, { visit }, own) => {
  const removed = await accounts.factors.totp.remove(visit, own.id);
  if (removed) await accounts.factorRemoved(visit, own, 'authenticator app');
  return redirect(at('/account'));
});

/** `POST /account/recovery-codes`. */
export const makeCodes: PageHandler = signedIn(async (context, request, own) => {
  const { accounts } = context;
  const make = async (): Promise<Codes> => ({ codes: await accounts.makeRecoveryCodes(request.visit, own) });
  return codesPage(context, request, own, (await codeSets.of(request, make)).codes);
});

/** `GET /account/passkeys/new`. */
export const showNewPasskey: PageHandler = signedIn((_context, request) => {
  const name = field({
    name: 'name',
    label: 'Name',
    autocomplete: 'off',
    value: 'My passkey',
    hint: 'So that you know it again, such as the device it is on.',
  });
  return page(
    'Add a passkey',
    html`<div class="narrow">
      <h1>Add a passkey</h1>
      <noscript
        ><p>Passkeys need JavaScript in this browser. Everything else here works without.</p></noscript
      >
      ${passkeyForm('register', at('/account/passkeys'), 'Make the passkey', at('/account'), name, request.csrfToken)}
      <p class="after-card"><a href="${at('/account')}">Back to your account</a></p>
      ${passkeyScript(request.nonce)}
    </div>`,
  );
});

/** `POST /account/passkeys/remove`. */
export const removePasskey: PageHandler = signedIn(async ({ accounts }, request, own) => {
  const { visit } = request;
  const removed = await accounts.factors.passkeys.remove(visit, own.id, formField(request, 'id'));
  if (removed) await accounts.factorRemoved(visit, own, 'passkey');
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
    const verdict = await accounts.factors.totp.confirm(visit, own.id, formField(request, 'code'));
    if (!verdict.ok) return verdict;
    const undo = (): Promise<unknown> => accounts.factors.totp.remove(visit, own.id);
    await accounts.factorAdded(visit, own, 'authenticator app', undo);
  }
  return { ok: true, codes: await accounts.makeRecoveryCodes(visit, own) };
}

function codesPage(
  { accounts }: PageContext,
  { nonce }: PageRequest,
  { email }: AccountRecord,
  codes: readonly string[],
): PageAnswer {
  const about = `Recovery codes of ${email} at ${accounts.name}, made on ${showDay(Date.now())}.`;
  const text = [about, 'Each works once. Older ones do not work any more.', '', ...codes, ''].join('\r\n');
  const file = { name: 'recovery-codes.txt', text };
  return page(
    'Your recovery codes',
    html`<div class="narrow">
      <h1>Your recovery codes</h1>
      <p>
        Keep these where you will find them without your phone. Each works once. They are shown only now, and
        older ones do not work any more.
      </p>
      <ul class="codes card" id="codes">
        ${codes.map((code) => html`<li><code>${code}</code></li>`)}
      </ul>
      ${keepButtons({ id: 'codes', what: 'recovery codes', file, nonce })}
      <p><a class="button" href="${at('/account')}">I have kept them</a></p>
    </div>`,
  );
}

function toScan({ qrCode, secret, id }: TotpEnrolment): Html {
  return html`<p>Scan this with your authenticator app:</p>
    <p class="qr">
      <img src="${qrCode}" width="220" height="220" alt="QR code for your authenticator app" />
    </p>
    <p class="soft small">Cannot scan? Type this instead: <code class="secret">${secret}</code></p>
    ${hidden('enrolment', id)}`;
}

function appPage(request: PageRequest, how: Html, errors: readonly FieldError[] = []): PageAnswer {
  const code = field({
    name: 'code',
    label: 'Code',
    autocomplete: 'one-time-code',
    inputmode: 'numeric',
    hint: 'The six digits that the app shows.',
    errors,
  });
  return page(
    withErrors('Set up an authenticator app', errors),
    html`<div class="narrow">
      <h1>Set up an authenticator app</h1>
      ${errorList(errors)}
      ${form(at('/account/totp/confirm'), request.csrfToken, html`${how}${code}${button('Turn it on')}`)}
      <p class="after-card"><a href="${at('/account')}">Not now</a></p>
    </div>`,
    errors.length > 0 ? 422 : 200,
  );
}
