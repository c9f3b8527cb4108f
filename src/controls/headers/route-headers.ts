/** A route's `headers`, `corp` and `coop`: what one page says of itself that the rest of the site does not. */
import { isPlainObject, type OptionTable, readOptions } from '../../core/options.ts';
import type { Problems } from '../../core/problems.ts';
import type { RouteHeaders } from '../../core/route-rules.ts';
import {
  type HeadersOptions,
  headersOptions,
  type OpenerPolicy,
  type ResourcePolicy,
} from './headers.options.ts';

/** Options of the section `headers` that a route may have otherwise. */
export type RouteHeadersOptions = Pick<
  HeadersOptions,
  'referrerPolicy' | 'originAgentCluster' | 'permissionsPolicy' | 'integrityPolicy'
>;

const { referrerPolicy, originAgentCluster, permissionsPolicy, integrityPolicy } = headersOptions;
const TABLE: OptionTable<{
  readonly [Name in keyof RouteHeadersOptions]-?: (typeof headersOptions)[Name]['default'];
}> = { referrerPolicy, originAgentCluster, permissionsPolicy, integrityPolicy };

/** Reads all three. Only what the route says: what it does not say is as in the policy. */
export function readRouteHeaders(
  path: string,
  given: {
    readonly headers: unknown;
    readonly corp: ResourcePolicy | undefined;
    readonly coop: OpenerPolicy | undefined;
    readonly frameOptions: RouteHeaders['frameOptions'];
  },
  problems: Problems,
): RouteHeaders | undefined {
  const { headers, corp, coop, frameOptions } = given;
  const read = readOptions(`${path}.headers`, TABLE, headers, problems);
  const written = isPlainObject(headers) ? headers : {};
  const features = written['permissionsPolicy'];
  const said: RouteHeaders = {
    ...(written['referrerPolicy'] !== undefined && { referrerPolicy: read.referrerPolicy }),
    ...(written['originAgentCluster'] !== undefined && { originAgentCluster: read.originAgentCluster }),
    ...(written['integrityPolicy'] !== undefined && { integrityPolicy: read.integrityPolicy }),
    ...(isPlainObject(features) && {
      permissionsPolicy: Object.fromEntries(
        Object.keys(features).flatMap((name) => {
          const who = read.permissionsPolicy[name];
          return who === undefined ? [] : [[name, who]];
        }),
      ),
    }),
    ...(corp !== undefined && { crossOriginResourcePolicy: corp }),
    ...(coop !== undefined && { crossOriginOpenerPolicy: coop }),
    ...(frameOptions !== undefined && { frameOptions }),
  };
  return Object.keys(said).length === 0 ? undefined : said;
}
