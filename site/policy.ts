/** The policy of the site, which is one for files that nobody signs in for. */
import { randomBytes } from 'node:crypto';
import { memory } from 'bulwark/memory';
import { definePolicy, type PolicyOptions } from 'bulwark';

/** @param origin - where it is served; nothing: on this machine alone */
export function sitePolicy(origin?: string): PolicyOptions {
  return definePolicy({
    ...(origin === undefined ? { environment: 'development' as const } : { origin }),
    // Nothing is signed that has to outlive this process.
    secrets: { name: 'this process', load: () => [randomBytes(32).toString('base64')] },
    // Nobody has a session here, so that there is nothing to keep.
    state: memory(),
    // A page is four files, and people open many at once; what an answer costs is a look into a list.
    rateLimit: { perClient: '2000/minute' },
    // Scripts are files of the build, none stands in a page, and nothing is uploaded that could become one.
    csp: { directives: { 'script-src': ["'self'"], 'style-src': ["'self'"], 'form-action': ["'none'"] } },
  });
}
