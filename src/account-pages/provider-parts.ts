/** The parts of pages that lead to other services: buttons, and what of them belongs to an account. */
import type { IdentityRecord } from '../stores/ports/accounts.ts';
import type { Stays } from '../accounts/flows/stays.ts';
import type { ProviderSummary } from '../identity/oidc/oidc.ts';
import type { Wording } from '../accounts/words/wording.ts';
import { button, form, hidden } from '../ui/forms.ts';
import { html, type Html } from '../ui/html.ts';
import { at } from './own-path.ts';
import { asItStands } from './sentences.ts';
import { stayBox } from './stay-parts.ts';

/** Where identities of one's own are linked. */
export const IDENTITIES = '/account/identities';

/** Where a sign-in with a provider begins, by POST. */
export function beginPath(provider: string): string {
  return `/login/with/${provider}`;
}

interface ButtonParts {
  readonly csrfToken: string;
  readonly next: string;
  /** Whoever is signed in proves that it is still them. */
  readonly again?: boolean;
  /** None: nobody stays signed in by it. */
  readonly stays?: Stays | undefined;
}

/** A button for each provider, in a card of their own; nothing where there are none. */
export function providerButtons(
  words: Wording,
  providers: readonly ProviderSummary[],
  { csrfToken, next, again = false, stays }: ButtonParts,
): Html | undefined {
  const [first] = providers;
  if (first === undefined) return undefined;
  const buttons = providers.map(({ provider, name }) => {
    const label = words.say(again ? 'provider.again' : 'provider.signIn', { name });
    return html`<p class="stacked">
      <button class="button full quiet" formaction="${at(beginPath(provider))}">${label}</button>
    </p>`;
  });
  // One form for all of them: one box.
  const fields = html`${hidden('next', next)}${again && hidden('again', 'yes')}${stayBox(words, stays)}${buttons}`;
  return form(at(beginPath(first.provider)), csrfToken, fields);
}

/** The section of the account page. */
export function identitySection(
  words: Wording,
  providers: readonly ProviderSummary[],
  identities: readonly IdentityRecord[],
  csrfToken: string,
  now: number,
  { hasOtherWay }: { readonly hasOtherWay: boolean },
): Html {
  const { say } = words;
  const open = identities.filter(({ issuer }) => providers.some((one) => one.issuer === issuer));
  const items = identities.map(({ issuer, subject, label, linkedAt, usedAt }) => {
    const name = providers.find((one) => one.issuer === issuer)?.name ?? issuer;
    const fields = html`${hidden('issuer', issuer)}${hidden('subject', subject)}
    ${button(say('identities.unlink'), 'button quiet small', `${name} ${label}`)}`;
    // Said before it is asked for: to unlink what alone opens the account is refused.
    const isLast = !hasOtherWay && open.every((one) => one.issuer === issuer && one.subject === subject);
    const day = words.day(linkedAt);
    const facts =
      usedAt === undefined
        ? say('identities.linked', { day })
        : say('identities.used', { day, ago: words.ago(usedAt, now) });
    return html`<li>
      <div>
        <p class="device">${asItStands(words, name)}</p>
        ${label !== '' && html`<p class="small">${asItStands(words, label)}</p>`}
        <p class="soft small">${facts}</p>
      </div>
      ${
        isLast
          ? html`<p class="soft small">${say('identities.lastText')}</p>`
          : form(at(`${IDENTITIES}/remove`), csrfToken, fields, 'inline')
      }
    </li>`;
  });
  const links = providers.map(({ provider, name, issuer }) => {
    const linked = identities.some((one) => one.issuer === issuer);
    const label = say(linked ? 'identities.linkAnother' : 'identities.link', { name });
    const fields = html`${hidden('provider', provider)}${button(label, 'button quiet small')}`;
    return form(at(IDENTITIES), csrfToken, fields, 'inline');
  });
  return html`<section class="card" aria-labelledby="identities">
    <h2 id="identities">${say('identities.title')}</h2>
    <p class="soft">${say('identities.why')}</p>
    ${
      items.length > 0 &&
      html`<ul class="sessions">
        ${items}
      </ul>`
    }
    ${links}
  </section>`;
}
