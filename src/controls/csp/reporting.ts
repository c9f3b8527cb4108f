/** Where pages have it reported what their policy blocked, and which policy that was. */
import { hash } from 'node:crypto';
import { HeaderLine } from '../../core/header-line.ts';
import type { RouteCsp } from '../../core/route-rules.ts';
import type { Directives } from './csp-grammar.ts';
import type { CspSettings } from './csp.options.ts';

/** The name that the endpoint of violations has in every header. */
export const ENDPOINT = 'csp';

/** What stands on pages for reports. */
export interface Reporting {
  /**
   * Behind the directives of a page on https, and of one on plain http: there browsers know no endpoints, and `report-to` beside
   * `report-uri` silences both.
   */
  readonly secure: readonly string[];
  readonly plain: readonly string[];
  readonly endpoints: HeaderLine | undefined;
  /** Whether browsers send how a blocked script begins: to our own collector, which masks it, and to nobody else. */
  readonly samples: boolean;
}

/** @param collector - the path where Bulwark takes reports itself; what the section names stands over it */
export function reportingOf(
  { report }: CspSettings,
  collector: string | undefined,
  version: string,
): Reporting {
  const own = report === undefined && collector !== undefined;
  const place = own ? `${collector}?v=${version}` : report;
  if (place === undefined) return { secure: [], plain: [], endpoints: undefined, samples: false };
  const uri = `report-uri ${place}`;
  // What is no violation of a policy, such as a crash, goes to the endpoint of this name.
  const others = own ? `, default="${place}"` : '';
  return {
    secure: [uri, `report-to ${ENDPOINT}`],
    plain: [uri],
    endpoints: HeaderLine.of('Reporting-Endpoints', `${ENDPOINT}="${place}"${others}`),
    samples: own,
  };
}

/** The same directives, with the word that has browsers send how code begins. */
export function withSamples(directives: Directives): Directives {
  return Object.fromEntries(
    Object.entries(directives).map(([name, sources]) => [
      name,
      SAMPLED.test(name) && !sources.includes("'none'") && !sources.includes(SAMPLE)
        ? [...sources, SAMPLE]
        : sources,
    ]),
  );
}

const SAMPLE = "'report-sample'";
const SAMPLED = /^(?:script|style)-src(?:-elem|-attr)?$/;

/**
 * A short name of everything that pages may be sent. Reports of browsers bring it back: what was reported of another policy says
 * nothing of this one.
 */
export function versionOf(settings: CspSettings, routes: readonly RouteCsp[]): string {
  const { mode, directives, trustedTypes, reportOnly } = settings;
  const opened = routes.map((route) => [route.directives, route.trustedTypes]);
  const all = JSON.stringify([mode, directives, trustedTypes, reportOnly, opened]);
  return hash('sha256', all, 'base64url').slice(0, 10);
}
