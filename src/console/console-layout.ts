/** The frame of every page of the console: where one is, where else one can go, and the way out. */
import { button, form } from '../ui/forms.ts';
import { html, type Html } from '../ui/html.ts';

/** What a frame says. */
export interface Framed {
  readonly title: string;
  readonly body: Html;
  readonly service: string;
  /** Whole address and name of each page in the navigation, and whether it is this one. */
  readonly links: readonly { readonly href: string; readonly label: string; readonly isCurrent: boolean }[];
  readonly style: string;
  readonly nonce: string;
  readonly csrfToken: string;
  /** Where the form to sign out goes. Undefined: the application has pages of its own for that. */
  readonly signOut: string | undefined;
}

/** A whole document. */
export function frame({ title, body, service, links, style, nonce, csrfToken, signOut }: Framed): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} - ${service} console</title>
        <link rel="stylesheet" href="${style}" nonce="${nonce}" />
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header class="bar">
          <nav aria-label="Console">${links.map(linkOf)}</nav>
          ${signOut !== undefined && form(signOut, csrfToken, button('Sign out', 'button quiet small'), 'inline')}
        </header>
        <main id="main" tabindex="-1">${body}</main>
      </body>
    </html> `.text;
}

function linkOf({ href, label, isCurrent }: Framed['links'][number]): Html {
  return html`<a href="${href}" ${isCurrent && html` aria-current="page"`}>${label}</a>`;
}
