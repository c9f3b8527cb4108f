/** Content Security Policies of an answer, read as browsers read them. */
import { type Answer, headerValues } from '../../core/answer.ts';

/** One policy: the first of two directives of a name counts. */
export type SeenPolicy = ReadonlyMap<string, readonly string[]>;

/** Every policy that an answer is held to by its header. Browsers enforce all of them. */
export function headerPolicies(seen: Answer): readonly SeenPolicy[] {
  return headerValues(seen, 'content-security-policy')
    .flatMap((value) => value.split(','))
    .map(parsePolicy)
    .filter((policy) => policy.size > 0);
}

/** The policies of the header and those in the page's meta elements, which browsers enforce too, but for framing (CSP 3, 3.3). */
export function allPolicies(seen: Answer): readonly SeenPolicy[] {
  return [...headerPolicies(seen), ...metaPolicies(seen)];
}

/** Policies of `<meta http-equiv>`. */
export function metaPolicies({ body }: Answer): readonly SeenPolicy[] {
  return [...body.slice(0, MOST_READ).matchAll(META)]
    .filter(([tag]) => /http-equiv\s*=\s*["']?content-security-policy["'\s/>]/i.test(tag))
    .map(([tag]) => /\scontent\s*=\s*(?:"([^"]*)"|'([^']*)')/i.exec(tag))
    .map((match) => parsePolicy(unescape(match?.[1] ?? match?.[2] ?? '')))
    .map((policy) => new Map([...policy].filter(([name]) => !NOT_IN_META.has(name))))
    .filter((policy) => policy.size > 0);
}

const MOST_READ = 100_000;
const META = /<meta\s(?:[^>"']|"[^"]{0,5000}"|'[^']{0,5000}'){0,500}>/gi;
const NOT_IN_META = new Set(['frame-ancestors', 'report-uri', 'sandbox']);

/** Takes a policy apart (CSP 3, 2.2.1). */
export function parsePolicy(value: string): SeenPolicy {
  const policy = new Map<string, readonly string[]>();
  for (const part of value.split(';')) {
    const [name, ...sources] = part.split(/[\t\n\f\r ]+/).filter((word) => word !== '');
    const key = name?.toLowerCase();
    if (key !== undefined && !policy.has(key)) policy.set(key, sources);
  }
  return policy;
}

function unescape(text: string): string {
  return text
    .replaceAll(/&(?:#39|#x27|apos);/gi, "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}
