/** `bulwark/angular`: the nonce of each answer in the pages that Angular renders on the server. Small, since it is built into them. */
import { miscalled, nonceAtWork } from '../core/nonce-at-work.ts';

/**
 * What is taken of `@angular/core`. It is handed over, and not imported: its tokens are one to a bundle, and another copy's are
 * known to nobody.
 */
export interface AngularCore {
  readonly CSP_NONCE: unknown;
  readonly DOCUMENT: unknown;
  readonly ENVIRONMENT_INITIALIZER: unknown;
  readonly inject: (token: never) => unknown;
}

/**
 * Providers for the configuration of the server: everything that Angular writes into a page bears the nonce of its answer, and
 * Angular in the browser takes it from there (`ngCspNonce`). Pages that a build renders have none.
 *
 * @example
 * ```ts
 * import * as core from '@angular/core';
 * import { nonceProviders } from 'bulwark/angular';
 *
 * const serverConfig = { providers: [nonceProviders(core)] };
 * ```
 * @param core - all of `@angular/core`
 * @throws BulwarkError ERR_BULWARK_INVALID_ARGUMENT for anything else
 */
export function nonceProviders(core: AngularCore): unknown[] {
  if (typeof core?.inject !== 'function')
    throw miscalled("nonceProviders(core), of import * as core from '@angular/core'");
  const { CSP_NONCE, DOCUMENT, ENVIRONMENT_INITIALIZER, inject } = core;
  return [
    { provide: CSP_NONCE, useFactory: () => nonceAtWork() ?? null },
    {
      provide: ENVIRONMENT_INITIALIZER,
      multi: true,
      useValue: () => {
        const nonce = nonceAtWork();
        // At this moment the document is the application's own index.html: nothing of a visitor's is in it yet.
        if (nonce !== undefined) markDocument(inject(DOCUMENT as never) as Document, nonce);
      },
    },
  ];
}

/** Of the document that Angular renders into: what is used here. */
interface Document {
  readonly body: { readonly firstElementChild: Element | null };
  querySelectorAll(selector: string): Iterable<Element>;
}

interface Element {
  setAttribute(name: string, value: string): void;
}

function markDocument(document: Document, nonce: string): void {
  for (const element of document.querySelectorAll('script, style, link'))
    element.setAttribute('nonce', nonce);
  document.body.firstElementChild?.setAttribute('ngCspNonce', nonce);
}
