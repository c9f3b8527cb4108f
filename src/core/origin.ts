import { type Read, Unfit } from './options.ts';

/** Reads an origin: scheme, host and port, nothing else, and no wildcard. Returns it as browsers write it. */
export const origin: Read<string> = (value) => {
  const parsed = typeof value === 'string' ? parseOrigin(value) : undefined;
  if (parsed === undefined) {
    throw new Unfit("an origin without path or wildcard, such as 'https://files.example.com'");
  }
  return parsed.origin;
};

/** An origin taken apart. */
export interface OriginParts {
  readonly origin: string;
  readonly scheme: 'https' | 'http';
  /** Lower case, with the port where it is not the scheme's own. */
  readonly host: string;
  readonly hostname: string;
  /** `localhost`, 127.0.0.0/8 or ::1: browsers treat these as secure without TLS. */
  readonly loopback: boolean;
}

/** Takes an origin apart, or answers undefined where the text is none. For start-up: too slow for requests. */
export function parseOrigin(text: string): OriginParts | undefined {
  if (!URL.canParse(text) || text.includes('*')) return undefined;
  const url = new URL(text);
  const bare =
    url.pathname === '/' &&
    url.search === '' &&
    url.hash === '' &&
    url.username === '' &&
    url.password === '';
  if (!bare || (url.protocol !== 'https:' && url.protocol !== 'http:')) return undefined;
  return {
    origin: url.origin,
    scheme: url.protocol === 'https:' ? 'https' : 'http',
    host: url.host,
    hostname: url.hostname,
    loopback: isLoopbackName(url.hostname),
  };
}

/** The hosts that an origin is answered at: its own, and its name with and without the port that goes without saying. */
export function hostsOf({ host, hostname, scheme }: OriginParts): readonly [own: string, other: string] {
  return host === hostname ? [host, `${hostname}:${scheme === 'https' ? 443 : 80}`] : [host, hostname];
}

/** Whether a host name can only mean this machine. */
export function isLoopbackName(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(\.\d{1,3}){3}$/.test(hostname)
  );
}
