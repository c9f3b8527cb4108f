import type { OptionTable, Read } from '../../core/options.ts';
import { Unfit } from '../../core/options.ts';
import { type OriginParts, parseOrigin } from '../../core/origin.ts';
import type { Problems } from '../../core/problems.ts';
import { listOf } from '../../core/readers.ts';

/** Addresses of one application beside its public origin. */
export interface OriginsOptions {
  /**
   * Origins that the application answers at as it does at `origin`, such as one for each country. A sign-in, and what
   * `csrf` takes for its own, is of one of them alone. Default: none.
   */
  also?: readonly string[];
  /** Origins whose visitors are led to `origin`, path and query as they are: `https://www.example.com`, an old name. Default: none. */
  moved?: readonly string[];
}

/** {@link OriginsOptions}, read. */
export interface OriginsSettings {
  readonly also: readonly OriginParts[];
  readonly moved: readonly OriginParts[];
}

const parts: Read<OriginParts> = (value) => {
  const parsed = typeof value === 'string' ? parseOrigin(value) : undefined;
  if (parsed === undefined)
    throw new Unfit("an origin without path or wildcard, such as 'https://www.example.com'");
  return parsed;
};

const list = listOf(parts, "a list of origins, such as ['https://www.example.com']");

/** The defaults and why. */
export const originsOptions: OptionTable<OriginsSettings> = {
  also: {
    default: [],
    read: list,
    reason: 'Each name that is answered for is one more that links, cookies and sign-ins live under.',
    source: 'RFC 6454; CWE-644',
    example: "origins: { also: ['https://files.example.org'] }",
  },
  moved: {
    default: [],
    read: list,
    reason:
      'Where two names show the same pages, a visitor is signed in at one of them and not at the other.',
    source: 'RFC 9110 15.4.9',
    example: "origins: { moved: ['https://www.example.com'] }",
  },
};

/**
 * Refuses origins that contradict each other, or the public one. For the policy reader, once all are read.
 *
 * @param publicOrigin - the policy's `origin`
 * @param files - the origin that files are sent from, where nothing else is answered
 */
export function checkOrigins(
  { also, moved }: OriginsSettings,
  publicOrigin: OriginParts | undefined,
  problems: Problems,
  files?: OriginParts,
): void {
  const refuse = (option: string, reason: string, fix: string): void =>
    problems.refuse('ERR_BULWARK_INVALID_OPTION', `origins.${option}`, reason, fix);
  const seen = new Set(publicOrigin === undefined ? [] : [publicOrigin.host]);
  for (const [option, origins] of Object.entries({ also, moved })) {
    if (origins.length > 0 && publicOrigin === undefined) {
      refuse(option, 'there is no `origin` beside which these are.', "origin: 'https://example.com'");
      continue;
    }
    for (const { host, scheme, origin } of origins) {
      if (scheme !== publicOrigin?.scheme)
        refuse(
          option,
          `${origin} has another scheme than \`origin\`.`,
          `'${publicOrigin?.scheme}://${host}'`,
        );
      if (seen.has(host))
        refuse(option, `${origin} stands there twice, or is \`origin\` itself.`, 'leave it out in one place');
      if (host === files?.host)
        refuse(
          option,
          `${origin} is that of files, where no page is answered.`,
          'another host for `files.origin`',
        );
      seen.add(host);
    }
  }
}
