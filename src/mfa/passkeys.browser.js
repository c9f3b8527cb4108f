/**
 * Passkeys in the browser: for pages under the strictest content security policy, without a library. Forms say what
 * they are for:
 *
 *   <form data-passkey="sign-in" data-options="/passkeys/options" data-verify="/passkeys/sign-in" hidden>
 *     <button>Sign in with a passkey</button>
 *     <p data-passkey-status role="status"></p>
 *   </form>
 *
 * `data-passkey` is `register`, `sign-in` or `verify` (a second factor). `data-options` answers a POST with the options
 * of SecondFactors, and with `sign-in` a GET, since the page asks by itself; `data-verify` takes `{ response, ...fields of the form }` and answers `{ next: '/where/to' }`. A
 * field `_csrf` goes along as `X-CSRF-Token`. A form is shown where the browser has passkeys, so begin with `hidden`.
 * `data-passkey-cancelled` and `data-passkey-failed` replace what the status says. With `sign-in`, passkeys are offered
 * in the autofill of a field with `autocomplete="username webauthn"` too.
 */

const CANCELLED = 'Nothing was done. Try again when you are ready.';
const FAILED = 'That did not work. Try again, or use another way.';
/** Sooner than a challenge ends, the autofill is given a new one. */
const RENEW_MS = 30_000;

/** The request that waits in the autofill: the browser runs one at a time, and a button takes over from it. */
let waiting = new AbortController();
let buttonPressed = false;

for (const form of document.querySelectorAll('form[data-passkey]')) {
  if (hasPasskeys()) start(form);
}

function start(form) {
  form.hidden = false;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void runForm(form);
  });
  if (form.dataset.passkey === 'sign-in') void offerInAutofill(form);
}

function hasPasskeys() {
  const { PublicKeyCredential } = globalThis;
  return typeof PublicKeyCredential?.parseRequestOptionsFromJSON === 'function';
}

async function runForm(form) {
  buttonPressed = true;
  waiting.abort();
  const buttons = form.querySelectorAll('button');
  for (const button of buttons) button.disabled = true;
  say(form, '');
  try {
    const options = await post(form, form.dataset.options, fieldsOf(form));
    const credential = await ask(form, options);
    await finish(form, credential);
  } catch (error) {
    say(form, isCancelled(error) ? (form.dataset.passkeyCancelled ?? CANCELLED) : failed(form));
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

function ask(form, options) {
  if (form.dataset.passkey === 'register') {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    return navigator.credentials.create({ publicKey });
  }
  return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
}

/** Waits in the autofill for as long as the page is open. A page that nobody looks at asks the server for nothing. */
async function offerInAutofill(form) {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  try {
    for (;;) {
      await untilVisible();
      const options = await post(form, form.dataset.options, {});
      if (buttonPressed) return;
      waiting = new AbortController();
      const { signal } = waiting;
      const renewing = setTimeout(() => waiting.abort('renew'), options.timeout - RENEW_MS);
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
      try {
        const credential = await navigator.credentials.get({ publicKey, mediation: 'conditional', signal });
        await finish(form, credential);
        return;
      } catch (error) {
        if (signal.reason !== 'renew') throw error;
      } finally {
        clearTimeout(renewing);
      }
    }
  } catch (error) {
    // Whoever pressed the button, or left the list alone, has asked for no answer.
    if (!isCancelled(error)) say(form, failed(form));
  }
}

async function finish(form, credential) {
  const { next } = await post(form, form.dataset.verify, {
    ...fieldsOf(form),
    response: credential.toJSON(),
  });
  const url = new URL(next, location.href);
  if (url.origin !== location.origin) throw new TypeError('the answer leads to another site');
  location.assign(url.href);
}

async function post(form, url, body) {
  const token = form.querySelector('[name=_csrf]')?.value;
  const sent = {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(token ? { 'X-CSRF-Token': token } : {}) },
    body: JSON.stringify(body),
  };
  // What a page does by itself is no try to sign in: it changes nothing there, and counts for no limit of tries.
  const byItself = form.dataset.passkey === 'sign-in' && url === form.dataset.options;
  const answer = await fetch(url, { ...(byItself ? { cache: 'no-store' } : sent), redirect: 'error' });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return answer.json();
}

function fieldsOf(form) {
  const fields = Object.fromEntries(new FormData(form));
  delete fields._csrf;
  return fields;
}

function untilVisible() {
  return new Promise((resolve) => {
    if (!document.hidden) return resolve();
    document.addEventListener('visibilitychange', resolve, { once: true });
  });
}

function isCancelled(error) {
  return error?.name === 'NotAllowedError' || error?.name === 'AbortError';
}

function failed(form) {
  return form.dataset.passkeyFailed ?? FAILED;
}

function say(form, text) {
  const status = form.querySelector('[data-passkey-status]');
  if (status !== null) status.textContent = text;
}
