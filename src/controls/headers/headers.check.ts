/** What `check` asks of an application about the headers of its answers. */
import { type Finding, headerValues, type Observation, PLAIN_GET, type Rule } from '../../core/finding.ts';
import { REMOVED_HEADERS } from './headers.ts';

type Found = readonly Omit<Finding, 'rule'>[];

/** A rule that wants one header, exactly once, with one of a few values. */
interface Wanted {
  readonly id: string;
  readonly title: string;
  readonly asvs: readonly string[];
  readonly header: string;
  readonly values: readonly string[];
  readonly level: Finding['level'];
  /** What is open without it. */
  readonly message: string;
}

const WANTED: readonly Wanted[] = [
  {
    id: 'headers.nosniff',
    title: 'Answers are read as what they say they are',
    asvs: ['v5.0.0-3.4.4'],
    header: 'X-Content-Type-Options',
    values: ['nosniff'],
    level: 'error',
    message: 'browsers may guess the type of an answer, and run an upload as a page or script',
  },
  {
    id: 'headers.frame-options',
    title: 'Old browsers do not frame the pages either',
    asvs: [],
    header: 'X-Frame-Options',
    values: ['deny', 'sameorigin'],
    level: 'warning',
    message: 'browsers without frame-ancestors let any site frame this page',
  },
  {
    id: 'headers.referrer-policy',
    title: 'Other sites learn no path of this one',
    asvs: ['v5.0.0-3.4.5'],
    header: 'Referrer-Policy',
    values: ['no-referrer', 'same-origin', 'strict-origin', 'strict-origin-when-cross-origin'],
    level: 'error',
    message: 'no policy says what other sites learn of the address a visitor comes from',
  },
  {
    id: 'headers.opener-policy',
    title: 'Windows of other sites have no hold on this one',
    asvs: ['v5.0.0-3.4.8'],
    header: 'Cross-Origin-Opener-Policy',
    values: ['same-origin', 'same-origin-allow-popups', 'noopener-allow-popups'],
    level: 'error',
    message: 'a page that opens this one keeps a reference to its window',
  },
  {
    id: 'headers.resource-policy',
    title: 'Other sites cannot embed what is answered here',
    asvs: ['v5.0.0-3.5.8'],
    header: 'Cross-Origin-Resource-Policy',
    values: ['same-origin', 'same-site'],
    level: 'warning',
    message: 'any site may load this answer into its own memory',
  },
];

/** Rules about headers, one for each. */
export const headersRules: readonly Rule[] = [
  ...WANTED.map((wanted): Rule => ({
    id: wanted.id,
    title: wanted.title,
    asvs: wanted.asvs,
    probe: PLAIN_GET,
    check: (seen) => checkWanted(wanted, seen),
  })),
  {
    id: 'headers.permissions-policy',
    title: 'Pages give up camera, microphone and location',
    asvs: [],
    probe: PLAIN_GET,
    check: checkPermissions,
  },
  {
    id: 'headers.disclosure',
    title: 'No answer names the software behind it',
    asvs: ['v5.0.0-13.4.6'],
    probe: PLAIN_GET,
    check: checkDisclosure,
  },
  {
    id: 'headers.cache',
    title: 'No shared cache keeps an answer that sets a cookie',
    asvs: ['v5.0.0-14.3.2'],
    probe: PLAIN_GET,
    check: checkCache,
  },
];

function checkWanted(wanted: Wanted, seen: Observation): Found {
  // Two lines, or a list of fallbacks: the last one counts for Referrer-Policy, none for the others.
  const values = headerValues(seen, wanted.header.toLowerCase());
  const parts = values.join(',').toLowerCase().split(',');
  const value = (wanted.header === 'Referrer-Policy' ? parts.at(-1) : parts.join(',')) ?? '';
  const token = value.split(';')[0]?.trim() ?? '';
  if (wanted.values.includes(token)) return [];
  return [
    {
      level: wanted.level,
      message: wanted.message,
      evidence: values.length === 0 ? `no ${wanted.header}` : `${wanted.header}: ${values.join(' | ')}`,
      fix: `send ${wanted.header}: ${wanted.values.at(-1)}, or leave it to Bulwark`,
    },
  ];
}

function checkPermissions(seen: Observation): Found {
  const value = headerValues(seen, 'permissions-policy').join(',');
  const open = ['camera', 'microphone', 'geolocation'].filter(
    (feature) => !new RegExp(`(?:^|,)[ ]*${feature}=(?:\\((?!\\*)|self)`).test(value),
  );
  return open.length === 0
    ? []
    : [
        {
          level: 'warning',
          message: `script in this page may ask for: ${open.join(', ')}`,
          evidence: value === '' ? 'no Permissions-Policy' : `Permissions-Policy: ${value}`,
          fix: 'send Permissions-Policy: camera=(),microphone=(),geolocation=()',
        },
      ];
}

function checkDisclosure(seen: Observation): Found {
  return REMOVED_HEADERS.flatMap((name) =>
    headerValues(seen, name).map((value) => ({
      level: 'warning' as const,
      message: `${name} tells attackers which software to look up`,
      evidence: `${name}: ${value}`,
      fix: `remove ${name}, at the proxy too`,
    })),
  );
}

function checkCache(seen: Observation): Found {
  const cookies = headerValues(seen, 'set-cookie');
  const control = headerValues(seen, 'cache-control').join(',').toLowerCase();
  if (cookies.length === 0 || /(?:^|[ ,])(?:no-store|private)(?:[ ,;=]|$)/.test(control)) return [];
  const stored = /(?:^|[ ,])(?:public|s-maxage=\d)/.test(control);
  return [
    {
      level: stored ? 'error' : 'warning',
      message: 'a shared cache may hand the cookie of one visitor to the next',
      evidence: control === '' ? 'Set-Cookie without Cache-Control' : `Cache-Control: ${control}`,
      fix: 'send Cache-Control: no-store with every answer that sets a cookie',
    },
  ];
}
