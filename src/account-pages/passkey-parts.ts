/** The parts of pages that passkeys need: the one thing here that works with script only. */
import type { Wording } from '../accounts/words/wording.ts';
import { html, type Html } from '../ui/html.ts';
import { at } from './own-path.ts';

/** Where pages fetch the script from. */
export const PASSKEY_SCRIPT = '/account/passkeys.js';

/** A form that the script shows where the browser has passkeys. */
export function passkeyForm(
  { say }: Wording,
  kind: 'sign-in' | 'verify' | 'register',
  path: string,
  label: string,
  next: string,
  more?: Html,
  csrfToken: string = '',
): Html {
  return html`<form
    class="card"
    data-passkey="${kind}"
    data-options="${path}/options"
    data-verify="${path}"
    data-passkey-cancelled="${say('passkey.cancelled')}"
    data-passkey-failed="${say('passkey.failed')}"
    hidden
  >
    ${csrfToken !== '' && html`<input type="hidden" name="_csrf" value="${csrfToken}" />`}
    <input type="hidden" name="next" value="${next}" />
    ${more}
    <button class="button full${kind !== 'register' && ' quiet'}">${label}</button>
    <p class="soft small" data-passkey-status role="status"></p>
  </form>`;
}

/** The script, on pages with such a form. */
export function passkeyScript(nonce: string): Html {
  return html`<script type="module" nonce="${nonce}" src="${at(PASSKEY_SCRIPT)}"></script>`;
}
