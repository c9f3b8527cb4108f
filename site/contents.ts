/** The one order of all documents: the way through the site, and llms.txt. */
import { posix } from 'node:path';
import type { Document } from './documents.ts';

/** Documents that belong together. */
export interface Group {
  readonly title: string;
  readonly documents: readonly Document[];
}

type Pattern = string | RegExp;

/**
 * By title; each document is in the first group that names it. In `docs/`: names of guides, or a folder by its rule. A new
 * guide that no line names is among the other guides, so that none is lost.
 */
const GROUPS: readonly (readonly [title: string, ...patterns: readonly Pattern[]])[] = [
  [
    'Begin',
    'README.md',
    'guides/start.md',
    'manual/section-by-section.md',
    'guides/fastify-and-hono.md',
    'guides/web.md',
    'guides/going-live-observe-then-enforce.md',
    'manual/go-live.md',
  ],
  ['Under a framework', /^guides\/frameworks\//],
  [
    'Pages and browsers',
    'guides/csp.md',
    'guides/scripts.md',
    'guides/forms-and-csrf.md',
    'guides/cors.md',
    'guides/live.md',
    'guides/well-known.md',
  ],
  [
    'People',
    'guides/sessions.md',
    'guides/device-bound-sessions.md',
    'guides/accounts.md',
    'guides/second-factors.md',
    'guides/step-up.md',
    'guides/passwords.md',
    'guides/sign-in-with-others.md',
    'guides/suspect-clients.md',
    'guides/roles-and-rules.md',
    'guides/operators.md',
    'guides/api-tokens.md',
  ],
  [
    'What comes in',
    'guides/limits.md',
    'guides/input.md',
    'guides/uploads.md',
    'guides/file-content.md',
    'guides/files.md',
    'guides/resumable-uploads.md',
    'guides/webhooks.md',
    'guides/outbound.md',
  ],
  [
    'Running it',
    'guides/behind-a-proxy.md',
    'guides/many-processes.md',
    'guides/secrets.md',
    'guides/doctor.md',
    'deploy/README.md',
    'guides/logs.md',
    'guides/evidence.md',
    'guides/shipping.md',
    'guides/metrics.md',
    'guides/traces.md',
    'guides/alerts.md',
    'guides/console.md',
  ],
  ['The gateway', /^guides\/(?:flask|.*gateway|tls)/, /^deploy\/gateway\//],
  ['Moving here', 'guides/moving-from-flask-or-django.md', /^guides\/leaving\//],
  ['Other guides', /^guides\//],
  [
    'To look up',
    'manual/defaults.md',
    'errors.md',
    'events.md',
    'problems.md',
    'asvs.md',
    'manual/threat-model.md',
    'manual/past-failures.md',
    /^manual\//,
  ],
  ['API reference', /^reference\//],
  ['The check', /^checks-/, /^checks\//],
  ['Alerts', /^alerts\//],
  ['How fast', /^performance/],
  ['Rooms', /^src\//],
  ['This project', /./],
];

/** Every document, once. */
export function contentsOf(documents: readonly Document[]): readonly Group[] {
  const left = new Map(documents.map((document) => [posix.relative('docs', document.path), document]));
  const named = new Map(documents.map((document) => [document.path, document]));
  return GROUPS.map(([title, ...patterns]) => {
    const found: Document[] = [];
    for (const pattern of patterns) {
      for (const [name, document] of left) {
        const short = document.path.startsWith('docs/') ? name : document.path;
        if (typeof pattern === 'string' ? short !== pattern : !pattern.test(short)) continue;
        found.push(document);
        left.delete(name);
      }
      if (typeof pattern === 'string' && !named.has(pattern) && !named.has(`docs/${pattern}`))
        throw new Error(`the contents of the site name ${pattern}, which is not there`);
    }
    return { title, documents: found };
  }).filter((group) => group.documents.length > 0);
}
