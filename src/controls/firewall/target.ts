/** The forms a request target may have (RFC 9112 3.2). */
import { type HostName, parseHost } from './host-name.ts';

/** An absolute-form target, as clients write it to proxies: `http://example.com/a?b`. */
export interface AbsoluteTarget {
  readonly host: HostName;
  /** Whether its scheme is https. */
  readonly secure: boolean;
  /** What an origin-form target would be: path and query, from the first slash on. */
  readonly rest: string;
}

/** Takes an absolute-form target apart. Undefined: another form, another scheme, or a host that is none. */
export function parseAbsolute(target: string): AbsoluteTarget | undefined {
  const scheme = /^(http|https):\/\//i.exec(target)?.[0];
  if (scheme === undefined) return undefined;
  const end = endOfAuthority(target, scheme.length);
  const host = parseHost(target.slice(scheme.length, end));
  if (host === undefined) return undefined;
  const rest = target.slice(end);
  return { host, secure: scheme.length === 8, rest: rest.startsWith('/') ? rest : `/${rest}` };
}

/** A target in origin-form, whichever form it came in. Undefined where it is none of ours. */
export function originForm(target: string): string | undefined {
  return target.startsWith('/') ? target : parseAbsolute(target)?.rest;
}

// A backslash ends the authority for browsers and is part of it for others: no host holds one, so it is refused.
function endOfAuthority(target: string, start: number): number {
  for (let index = start; index < target.length; index += 1) {
    const char = target[index];
    if (char === '/' || char === '?' || char === '#') return index;
  }
  return target.length;
}
