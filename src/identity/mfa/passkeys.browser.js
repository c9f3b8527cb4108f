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
 * in the autofill of a field with `autocomplete="username webauthn"` too; what is in the way of that is told to nobody.
 * Browsers without the methods for JSON, and password managers whose credentials have no `toJSON` that works, are served
 * by hand.
 */

const CANCELLED = 'Nothing was done. Try again when you are ready.';
const FAILED = 'That did not work. Try again, or use another way.';
/** Sooner than a challenge ends, the autofill is given a new one. */
const RENEW_MS = 30_000;
/** After something was in the way, the autofill waits so long before it asks again, and twice as long each time. */
const PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 480_000;

/** The request that waits in the autofill: the browser runs one at a time, and a button takes over from it. */
let waiting = new AbortController();
/** What a button asked for, until it is over. Where the page is left for another, it never is. */
let running = Promise.resolve();

for (const form of document.querySelectorAll('form[data-passkey]')) {
  if (hasPasskeys()) start(form);
}

function start(form) {
  form.hidden = false;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    waiting.abort();
    running = runForm(form);
  });
  if (form.dataset.passkey === 'sign-in') void offerInAutofill(form);
}

// Not by the methods for JSON: browsers had passkeys for years before they had those.
function hasPasskeys() {
  return globalThis.PublicKeyCredential !== undefined && navigator.credentials !== undefined;
}

async function runForm(form) {
  const buttons = form.querySelectorAll('button');
  for (const button of buttons) button.disabled = true;
  say(form, '');
  let leaves = false;
  try {
    const options = await post(form, form.dataset.options, fieldsOf(form));
    await finish(form, await ask(form, options));
    leaves = true;
  } catch (error) {
    say(form, isCancelled(error) ? (form.dataset.passkeyCancelled ?? CANCELLED) : failed(form, error));
  } finally {
    for (const button of buttons) button.disabled = false;
  }
  if (leaves) await new Promise(() => undefined);
}

function ask(form, options) {
  if (form.dataset.passkey === 'register') {
    return navigator.credentials.create({ publicKey: creationOptions(options) });
  }
  return navigator.credentials.get({ publicKey: requestOptions(options) });
}

/**
 * Waits in the autofill for as long as the page is open. Nobody asked for it: what is in its way (a limit, a server that
 * is down, another request that a password manager has pending) is told to nobody, and it tries again later. A page that
 * nobody looks at asks the server for nothing.
 */
async function offerInAutofill(form) {
  if (!(await hasAutofill())) return;
  let pause = PAUSE_MS;
  for (;;) {
    await untilVisible();
    await running;
    const outcome = await offerOnce(form);
    if (outcome === 'signed-in') return;
    if (outcome === 'interrupted') {
      pause = PAUSE_MS;
      continue;
    }
    await sleep(pause);
    pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
  }
}

async function hasAutofill() {
  try {
    return await PublicKeyCredential.isConditionalMediationAvailable?.();
  } catch {
    return false;
  }
}

async function offerOnce(form) {
  const request = new AbortController();
  const { signal } = request;
  waiting = request;
  let renewing;
  let credential;
  try {
    const options = await post(form, form.dataset.options, {});
    signal.throwIfAborted();
    // Never at once, whatever the options say: it would ask without end.
    renewing = setTimeout(() => request.abort(), Math.max(options.timeout - RENEW_MS, RENEW_MS) || RENEW_MS);
    const publicKey = requestOptions(options);
    credential = await navigator.credentials.get({ publicKey, mediation: 'conditional', signal });
  } catch {
    return signal.aborted ? 'interrupted' : 'failed';
  } finally {
    clearTimeout(renewing);
  }
  try {
    await finish(form, credential);
    return 'signed-in';
  } catch (error) {
    // Somebody picked this passkey, and waits.
    say(form, failed(form, error));
    return 'failed';
  }
}

async function finish(form, credential) {
  const { next } = await post(form, form.dataset.verify, {
    ...fieldsOf(form),
    response: toJson(credential),
  });
  const url = new URL(next, location.href);
  if (url.origin !== location.origin) throw new TypeError('the answer leads to another site');
  location.assign(url.href);
}

function requestOptions(options) {
  try {
    return PublicKeyCredential.parseRequestOptionsFromJSON(options);
  } catch {
    const { challenge, allowCredentials } = options;
    return { ...options, challenge: toBytes(challenge), allowCredentials: withBytes(allowCredentials) };
  }
}

function creationOptions(options) {
  try {
    return PublicKeyCredential.parseCreationOptionsFromJSON(options);
  } catch {
    const { challenge, user, excludeCredentials } = options;
    return {
      ...options,
      challenge: toBytes(challenge),
      user: { ...user, id: toBytes(user.id) },
      excludeCredentials: withBytes(excludeCredentials),
    };
  }
}

function withBytes(credentials) {
  return credentials?.map((one) => ({ ...one, id: toBytes(one.id) }));
}

const BYTES = ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle'];

/**
 * What password managers put in the place of a credential may have no `toJSON`, or one that throws, gives nothing, or
 * writes bytes in some way of its own.
 */
function toJson(credential) {
  try {
    const json = credential.toJSON();
    if (isWellWritten(json)) return json;
  } catch {
    // Then by hand, below.
  }
  const { rawId, type, response } = credential;
  const id = toText(rawId);
  const parts = {};
  for (const name of BYTES) {
    if (response[name]) parts[name] = toText(response[name]);
  }
  return { id, rawId: id, type, response: { ...parts, transports: transportsOf(response) } };
}

/** Whether all bytes are base64url, as the standard has it: some managers write base64, or the bytes themselves. */
function isWellWritten({ id, rawId, response }) {
  const texts = BYTES.map((name) => response[name]).filter((text) => text !== undefined && text !== null);
  return id === rawId && 'clientDataJSON' in response && [rawId, ...texts].every(isText);
}

function isText(value) {
  return typeof value === 'string' && /^[\w-]*$/.test(value);
}

function transportsOf(response) {
  try {
    return response.getTransports?.() ?? [];
  } catch {
    return [];
  }
}

/** base64url, as the options have it (RFC 4648, 5). */
function toBytes(text) {
  const characters = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(characters, (character) => character.charCodeAt(0));
}

function toText(buffer) {
  const bytes = ArrayBuffer.isView(buffer)
    ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
    : new Uint8Array(buffer);
  const characters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(characters).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
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
  if (!answer.ok) throw await errorOf(url, answer);
  return answer.json();
}

/** What the server has to say of it, in the language of the page. */
async function errorOf(url, answer) {
  const error = new Error(`${url} answered ${answer.status}`);
  const { message } = await answer.json().catch(() => ({}));
  if (typeof message === 'string') error.shown = message;
  return error;
}

function fieldsOf(form) {
  const fields = Object.fromEntries(new FormData(form));
  delete fields._csrf;
  // A box of another form on the page, which people tick once for all ways to sign in.
  for (const { name } of form.querySelectorAll('[data-passkey-box]')) {
    const box = document.querySelector(`input[type="checkbox"][name="${name}"]`);
    fields[name] = box?.checked ? box.value : '';
  }
  return fields;
}

function untilVisible() {
  return new Promise((resolve) => {
    if (!document.hidden) return resolve();
    document.addEventListener('visibilitychange', resolve, { once: true });
  });
}

function sleep(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

function isCancelled(error) {
  return error?.name === 'NotAllowedError' || error?.name === 'AbortError';
}

function failed(form, error) {
  return error?.shown ?? form.dataset.passkeyFailed ?? FAILED;
}

function say(form, text) {
  const status = form.querySelector('[data-passkey-status]');
  if (status !== null) status.textContent = text;
}
