import type { Control, Section } from '../../core/control.ts';
import { HTTPS_EVENTS, HTTPS_PROBLEMS } from './https.events.ts';
import { type HttpsOptions, httpsOptions, type HttpsSettings } from './https.options.ts';

/** What others collect of this room. */
export const httpsControl: Control<
  { readonly https: Section<HttpsOptions, HttpsSettings> },
  typeof HTTPS_EVENTS
> = {
  sections: { https: { table: httpsOptions } },
  events: HTTPS_EVENTS,
  problems: HTTPS_PROBLEMS,
  guards: ['https'],
  rules: async () => {
    const rooms = await Promise.all([
      import('./https.check.ts'),
      import('./tls.check.ts'),
      import('./pages.check.ts'),
      import('./other-name.check.ts'),
    ]);
    const [{ httpsRules }, { tlsRules }, { httpsPageRules }, { otherNameRules }] = rooms;
    return [...httpsRules, ...tlsRules, ...httpsPageRules, ...otherNameRules];
  },
};
