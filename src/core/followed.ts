import type { RequestFacts } from './exchange.ts';

/**
 * Whether a request may be led to another origin of the same application. Only what people follow: who sent a body or
 * credentials to the wrong place is to hear of it, where a redirect would make it work.
 */
export function isFollowed({ method, headers, target }: RequestFacts): boolean {
  return (
    (method === 'GET' || method === 'HEAD') &&
    headers.upgrade === undefined &&
    headers.authorization === undefined &&
    ORIGIN_FORM.test(target)
  );
}

/**
 * A path on this host and nothing else. `.evil.example`, `@evil.example` and `http://evil.example/` put behind the
 * origin would name another host; a backslash is a slash to browsers; line ends would start a header of their own.
 */
const ORIGIN_FORM = /^\/[\x21-\x5b\x5d-\x7e]*$/;
