/** The sections of the go-live checklist (docs/manual/go-live.md), for reports: a test holds them to it. */

/** Their titles, from 1. */
export const SECTIONS: ReadonlyMap<number, string> = new Map(
  [
    'Secrets in the environment or a secret store, never in git',
    'TLS and HSTS enabled and verified',
    'Content security policy enforced, report-only first',
    'Security headers on every answer',
    'Cookies Secure, HttpOnly, SameSite; session lifetime minimal',
    'CSRF on all unsafe methods',
    'Authentication with strong hashing',
    'Rate limits on sign-in and what is dear',
    'One reading of each request; client addresses right',
    'No error tells what runs here',
    'Who may call what',
    'Input validated, uploads safe',
    'Logs structured and shipped, alerts configured',
    'Dependencies pinned, scanned',
    'The process',
  ].map((title, index) => [index + 1, title]),
);

/** The title of a section, with its number. */
export function sectionTitle(guide: number): string {
  return `${guide}. ${SECTIONS.get(guide) ?? 'Further rules'}`;
}
