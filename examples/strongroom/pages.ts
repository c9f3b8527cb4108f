/** Renders pages: one template engine that escapes by itself, one layout, one place that hands in what every page needs. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AccountPage } from 'bulwark/account-pages';
import { bulwark } from 'bulwark/express';
import { Eta } from 'eta';
import type { Request, Response } from 'express';
import { takeFlash } from './flash.ts';

/** The files of `views/`, without the parts they are made of. */
export type View = 'landing' | 'start' | 'notes' | 'files' | 'file' | 'message';

/** What is wrong with one field of a form; `field` is the id of its input. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** What a page shows. */
export interface Model {
  /** Its heading in the browser's tab. */
  readonly title: string;
  readonly errors?: readonly FieldError[];
  readonly [key: string]: unknown;
}

/** A page that says one thing and offers one way on. */
export interface Message {
  readonly status: number;
  readonly title: string;
  readonly text: string;
  readonly link: { readonly href: string; readonly text: string };
}

const VIEWS = join(import.meta.dirname, 'views');
/** What browsers may fetch as it is. */
export const PUBLIC: string = join(import.meta.dirname, 'public');

/** The pages of one running application. */
export class Pages {
  readonly #eta = new Eta({ views: VIEWS, cache: true });
  readonly #assets = {
    css: assetUrl('strongroom.css'),
    script: assetUrl('strongroom.js'),
    icon: assetUrl('favicon.svg'),
  };

  /** Renders a view and sends it. */
  async show(req: Request, res: Response, view: View, model: Model, status = 200): Promise<void> {
    const { session, principal, nonce, csrfToken } = bulwark.of(req);
    const errors = model.errors ?? [];
    const html = this.#eta.render(`./${view}`, {
      ...model,
      // Read out first by a screen reader, and seen in the tab.
      title: errors.length > 0 ? `Error: ${model.title}` : model.title,
      errors,
      path: req.path,
      assets: this.#assets,
      signedIn: principal !== undefined,
      // A page about our own failure asks for nothing that may fail too; the sentence is for the next one.
      flash: principal === undefined || status >= 500 ? undefined : await takeFlash(session),
      nonce,
      csrfToken,
    });
    res.status(status).type('html').send(html);
  }

  /** Puts the frame of every page around one of accounts. */
  readonly frame = (page: AccountPage): string =>
    this.#eta.render('./layout', { ...page, assets: this.#assets, flash: undefined });

  /** Sends a page that says one thing. */
  async say(req: Request, res: Response, { status, ...model }: Message): Promise<void> {
    await this.show(req, res, 'message', model, status);
  }
}

// Named by its content, so that it may be cached for a year and a new version is fetched at once.
function assetUrl(file: string): string {
  const content = readFileSync(join(PUBLIC, file));
  return `/static/${file}?v=${createHash('sha256').update(content).digest('base64url').slice(0, 12)}`;
}
