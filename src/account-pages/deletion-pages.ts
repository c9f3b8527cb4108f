/** Removing one's own account: the wish, and second thoughts. */
import type { PendingDeletion } from '../stores/pending-deletion.ts';
import type { Wording } from '../accounts/words/wording.ts';
import { safeRedirect } from '../core/safe-redirect.ts';
import { button, form, hidden } from '../ui/forms.ts';
import { html, type Html } from '../ui/html.ts';
import {
  formField,
  page,
  type PageContext,
  type PageHandler,
  type PageRequest,
  redirect,
  signedIn,
} from './exchange.ts';
import { at } from './own-path.ts';

/** The section of the account page. */
export function deletionSection(
  words: Wording,
  waitsFor: number,
  pending: PendingDeletion | undefined,
): Html {
  const { say } = words;
  return html`<section class="card" aria-labelledby="deletion">
    <h2 id="deletion">${say('deletion.title')}</h2>
    ${
      pending === undefined
        ? html`<p class="soft">${say('deletion.why', { time: words.days(waitsFor) })}</p>
            <p>
              <a class="button quiet small" href="${at('/account/delete')}">${say('deletion.button')}</a>
            </p>`
        : html`<p>${say('deletion.pending', { day: words.day(pending.at) })}</p>
            ${!pending.begun && html`<p><a class="button small" href="${at('/account/keep')}">${say('deletion.keep')}</a></p>`}`
    }
  </section>`;
}

/** `GET /account/delete`: asks once more, after a fresh proof. */
export const showDeletion: PageHandler = signedIn(({ accounts }, { words, csrfToken }) => {
  const { deletion } = accounts;
  if (deletion === undefined) return redirect(at('/account'));
  const { say } = words;
  const time = words.days(deletion.waitsFor);
  return page(
    say('deletion.title'),
    html`<div class="narrow">
      <h1>${say('deletion.title')}</h1>
      <p>${say('deletion.sure', { time })}</p>
      ${form(at('/account/delete'), csrfToken, button(say('deletion.button'), 'button danger'))}
      <p class="after-card"><a href="${at('/account')}">${say('deletion.leave')}</a></p>
    </div>`,
  );
});

/** `POST /account/delete`. */
export const askDeletion: PageHandler = signedIn(async ({ accounts }, request, own) => {
  const verdict = await accounts.deletion?.ask(request.visit, own);
  if (verdict?.ok === true) return redirect(at('/account/deleted'));
  return redirect(at(verdict?.reason === 'fresh' ? '/account/delete' : '/account'));
});

/** `GET /account/deleted`: for whoever is signed out by now. */
export const showDeleted: PageHandler = ({ accounts }, { words }) => {
  const { deletion } = accounts;
  if (deletion === undefined) return redirect(at('/login'));
  const { say } = words;
  return page(
    say('deleted.title'),
    html`<div class="narrow">
      <h1>${say('deleted.title')}</h1>
      <p>${say('deleted.text', { time: words.days(deletion.waitsFor) })}</p>
    </div>`,
  );
};

/** `GET /account/keep`: what whoever signs in meanwhile is asked. */
export const showKeep: PageHandler = signedIn(async ({ accounts, home }, request, own) => {
  const pending = await accounts.deletion?.pending(own.id);
  const next = safeRedirect(request.query.get('next') ?? '', home);
  // Where it has begun there is nothing to decide; the account page has the day.
  if (pending === undefined || pending.begun) return redirect(next);
  const { words, csrfToken } = request;
  const { say } = words;
  const keep = html`${hidden('next', next)}${button(say('deletion.keep'))}`;
  return page(
    say('keep.title'),
    html`<div class="narrow">
      <h1>${say('keep.title')}</h1>
      <p>${say('deletion.pending', { day: words.day(pending.at) })}</p>
      ${form(at('/account/keep'), csrfToken, keep)}
      ${form(at('/logout'), csrfToken, button(say('keep.leave'), 'button quiet'), 'after-card')}
    </div>`,
  );
});

/** `POST /account/keep`. */
export const keepAccount: PageHandler = signedIn(async ({ accounts, home }, request, own) => {
  const kept = await accounts.deletion?.keep(request.visit, own);
  return redirect(kept === true ? safeRedirect(formField(request, 'next'), home) : at('/account'));
});

/** Where a sign-in leads: to the question whether the account is to be kept, where it was to be removed. */
export async function landing(
  { accounts }: Pick<PageContext, 'accounts'>,
  { visit }: Pick<PageRequest, 'visit'>,
  to: string,
): Promise<string> {
  const id = visit.session.principal?.account;
  const pending = id === undefined ? undefined : await accounts.deletion?.pending(id);
  return pending === undefined || pending.begun ? to : at(`/account/keep?next=${encodeURIComponent(to)}`);
}
