/** What is kept of one's own account, to take along. */
import type { Wording } from '../accounts/words/wording.ts';
import { type PageHandler, redirect, signedIn } from './exchange.ts';
import { button, form } from '../ui/forms.ts';
import { html, type Html } from '../ui/html.ts';
import { at } from './own-path.ts';

/** `POST /account/export`: by a form, so that no link of another site has a browser keep it somewhere. */
export const exportData: PageHandler = signedIn(async ({ accounts }, { visit }, own) => {
  const data = await accounts.exportData(visit, own.id);
  if (data === undefined) return redirect(at('/login'));
  return { kind: 'download', name: 'account.json', body: JSON.stringify(data, undefined, 2) };
});

/** Of the page of one's own account. */
export function exportSection({ say }: Wording, csrf: string): Html {
  return html`<section class="card" aria-labelledby="export">
    <h2 id="export">${say('account.export')}</h2>
    <p class="soft">${say('account.exportWhy')}</p>
    ${form(at('/account/export'), csrf, button(say('account.exportButton'), 'button quiet small'), 'inline')}
  </section>`;
}
