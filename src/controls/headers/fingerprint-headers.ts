/**
 * Headers by which servers and frameworks name themselves, their versions and their debuggers.
 *
 * Source: OWASP Secure Headers Project, github.com/OWASP/www-project-secure-headers, ci/headers_remove.json of 2026-07-19 at
 * commit a4a09007a15a2becd7a2b3e12d236150bab92a36: 87 names. Licence: Apache-2.0, copyright The OWASP Foundation. Changes
 * made: lower case, in order.
 */
import type { HeaderKey } from '../../core/header-line.ts';

/** OWASP's list, all of it. */
export const OWASP_FINGERPRINTS: readonly HeaderKey[] = [
  '$wsep', 'host-header', 'k-proxy-request', 'liferay-portal', 'oraclecommercecloud-version', 'pega-host',
  'powered-by', 'product', 'server', 'sourcemap', 'x-aspnet-version', 'x-aspnetmvc-version', 'x-atmosphere-error',
  'x-atmosphere-first-request', 'x-atmosphere-tracking-id', 'x-b3-parentspanid', 'x-b3-sampled', 'x-b3-spanid',
  'x-b3-traceid', 'x-backside-transport', 'x-beserver', 'x-calculatedbetarget', 'x-cf-powered-by', 'x-cms',
  'x-cocoon-version', 'x-content-encoded-by', 'x-datadog-origin', 'x-datadog-parent-id',
  'x-datadog-sampling-priority', 'x-datadog-tags', 'x-datadog-trace-id', 'x-diaginfo', 'x-dtagentid',
  'x-dthealthcheck', 'x-dtinjectedservlet', 'x-envoy-attempt-count', 'x-envoy-external-address', 'x-envoy-internal',
  'x-envoy-original-dst-host', 'x-envoy-upstream-service-time', 'x-feserver', 'x-framework', 'x-generated-by',
  'x-generator', 'x-gitlab-meta', 'x-jitsi-release', 'x-joomla-version', 'x-kong-admin-latency',
  'x-kong-client-latency', 'x-kong-proxy-latency', 'x-kong-request-id', 'x-kong-response-latency',
  'x-kong-third-party-latency', 'x-kong-total-latency', 'x-kong-upstream-latency', 'x-kong-upstream-status',
  'x-kubernetes-pf-flowschema-ui', 'x-kubernetes-pf-prioritylevel-uid', 'x-litespeed-cache',
  'x-litespeed-cache-control', 'x-litespeed-purge', 'x-litespeed-tag', 'x-litespeed-vary', 'x-mod-pagespeed',
  'x-nextjs-cache', 'x-nextjs-matched-path', 'x-nextjs-page', 'x-nextjs-redirect', 'x-old-content-length',
  'x-oneagent-js-injection', 'x-owa-version', 'x-page-speed', 'x-php-version', 'x-powered-by', 'x-powered-by-plesk',
  'x-powered-cms', 'x-redirect-by', 'x-ruxit-js-agent', 'x-server-powered-by', 'x-sourcefiles', 'x-sourcemap',
  'x-turbo-charged-by', 'x-tyk-trace-id', 'x-umbraco-version', 'x-varnish-backend', 'x-varnish-server',
  'x-woodpecker-version',
]; // prettier-ignore

/** What that list has not: Rails' time of an answer, and the debug token of Symfony. */
export const MORE_FINGERPRINTS: readonly HeaderKey[] = ['x-runtime', 'x-debug-token', 'x-debug-token-link'];
