/** The layout of account pages where the application has none of its own. */
import { button, form } from './forms.ts';
import { html, trusted } from './html.ts';
import { PAGE_STYLE } from './style.ts';

/** An account page, for a layout to put its frame around. */
export interface AccountPage {
  readonly title: string;
  /** HTML, escaped where it must be. */
  readonly body: string;
  /** For styles and scripts of the layout. */
  readonly nonce: string;
  readonly csrfToken: string;
  readonly signedIn: boolean;
  /** Of the page, for `lang` and `dir` of the document. */
  readonly language: string;
  readonly direction: 'ltr' | 'rtl';
  /** Where the form to sign out goes, and what its button says. */
  readonly signOut: string;
  readonly signOutLabel: string;
  /** Where the application begins, and what a link there says. */
  readonly home: string;
  readonly homeLabel: string;
  readonly path: string;
}

/** Makes a whole document of a page. */
export type Layout = (page: AccountPage) => string;

/** The layout of pages that belong to nobody's design. */
export function plainLayout(name: string): Layout {
  return ({ title, body, language, direction, nonce, csrfToken, signedIn, ...head }) =>
    html`<!doctype html>
      <html lang="${language}" dir="${direction}">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <title>${title} - ${name}</title>
          <style nonce="${nonce}">
            ${trusted(PAGE_STYLE)}
          </style>
        </head>
        <body>
          <header class="head">
            <a class="home" href="${head.home}"
              ><bdi>${name}</bdi><span class="visually-hidden"> - ${head.homeLabel}</span></a
            >
            ${signedIn && form(head.signOut, csrfToken, button(head.signOutLabel, 'button quiet small'), 'inline')}
          </header>
          <main id="main" tabindex="-1">${trusted(body)}</main>
        </body>
      </html> `.text;
}
