/** What an operator is offered of all that pages were seen to run. */
import { dangerOf } from '../../controls/csp/csp-builder.ts';
import type { AcceptedDirective, AcceptedSources } from './accepted-sources.ts';
import type { CodeDirective, SeenCode } from './seen-code.ts';
import type { TemplateCode } from './templates.ts';

/**
 * `accepted`: in the policy already. `offered`: several clients had it, and nobody sent it; or it stands in a template.
 * `rare`: one client had it alone. `sent`: a visitor had sent it before it was seen. `reflected`: only requests that had it in
 * them got it back. `unsafe`: a source that a policy refuses. `attribute`: no source lets it run.
 */
export type Standing = 'accepted' | 'offered' | 'rare' | 'sent' | 'reflected' | 'unsafe' | 'attribute';

/** One thing that pages run, and what is to be made of it. */
export interface Offer {
  readonly directive: CodeDirective;
  readonly source: string;
  readonly text: string;
  readonly standing: Standing;
  /** The template that it stands in, as it is. */
  readonly template: string | undefined;
  /** Undefined: it was seen in a template only. */
  readonly seen: SeenCode | undefined;
}

/** What there is to choose from. */
export interface OfferParts {
  readonly seen: readonly SeenCode[];
  readonly templates: readonly TemplateCode[];
  readonly accepted: AcceptedSources;
  /** Clients that must have had it. */
  readonly clients: number;
}

/** Every one, those offered first. */
export function offersOf({ seen, templates, accepted, clients }: OfferParts): readonly Offer[] {
  const written = new Map(templates.map((one) => [`${one.directive} ${one.source}`, one]));
  const offers = seen.map((one): Offer => {
    const template = written.get(`${one.directive} ${one.source}`)?.file;
    const { directive, source, text } = one;
    const standing = isAccepted(accepted, directive, source)
      ? 'accepted'
      : standingOf(one, template !== undefined, clients);
    return { directive, source, text, standing, template, seen: one };
  });
  const known = new Set(seen.map(({ directive, source }) => `${directive} ${source}`));
  for (const { directive, source, text, file } of written.values())
    if (source !== undefined && !known.has(`${directive} ${source}`)) {
      const standing = isAccepted(accepted, directive, source) ? 'accepted' : 'offered';
      offers.push({ directive, source, text, standing, template: file, seen: undefined });
    }
  return offers.toSorted((a, b) => ORDER.indexOf(a.standing) - ORDER.indexOf(b.standing));
}

const ORDER: readonly Standing[] = [
  'offered',
  'rare',
  'sent',
  'reflected',
  'unsafe',
  'attribute',
  'accepted',
];

function standingOf(one: SeenCode, isWritten: boolean, clients: number): Standing {
  if (one.directive === 'attribute') return 'attribute';
  if (dangerOf('script-src', one.source) !== undefined) return 'unsafe';
  // Its author wrote it, whoever else sends the same.
  if (isWritten) return 'offered';
  if (one.sent) return 'sent';
  if (one.answers === one.reflected) return 'reflected';
  return one.clients.length >= clients ? 'offered' : 'rare';
}

function isAccepted(accepted: AcceptedSources, directive: CodeDirective, source: string): boolean {
  return directive !== 'attribute' && Object.hasOwn(accepted[directive], source);
}

/** What is accepted, with more of it. */
export function accepting(accepted: AcceptedSources, offers: readonly Offer[]): AcceptedSources {
  const all = { 'script-src': { ...accepted['script-src'] }, 'style-src': { ...accepted['style-src'] } };
  for (const { directive, source, text, template } of offers)
    if (directive !== 'attribute')
      all[directive satisfies AcceptedDirective][source] = wordOf(source, text, template);
  return all;
}

const LONGEST_WORD = 80;

function wordOf(source: string, text: string, template: string | undefined): string {
  const word = source.startsWith("'sha") ? oneLine(text).slice(0, LONGEST_WORD) : 'files from there';
  return template === undefined ? word : `${template}: ${word}`;
}

/** A text of a page as one line, without what would turn a terminal or an editor. */
export function oneLine(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
