/** Hosts that hand out script of anybody, and whether a policy lets script come from them. */
import { BYPASSES, NEED_EVAL } from './bypass-hosts.ts';

/** The hosts among known addresses that these sources let script come from. */
export function bypassedHosts(sources: readonly string[], evals: boolean): readonly string[] {
  const hosts = sources.map((source) => source.toLowerCase()).filter((source) => !source.startsWith("'"));
  const found = BYPASSES.filter((address) => {
    const slash = address.indexOf('/');
    const host = slash === -1 ? address : address.slice(0, slash);
    if (NEED_EVAL.has(host) && !evals) return false;
    return hosts.some((source) => allows(source, host, slash === -1 ? '/' : address.slice(slash)));
  });
  return [...new Set(found.map((address) => address.split('/', 1)[0] ?? address))];
}

/** How many addresses are known. */
export const KNOWN_BYPASSES: number = BYPASSES.length;

/** Matching of CSP 3, 6.7.2.8: scheme and port aside, which decide nothing here. Wildcards of whole schemes are csp.script-src's. */
function allows(source: string, host: string, path: string): boolean {
  const match = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(\*\.)?([a-z0-9.-]+)(?::(?:\d+|\*))?(\/.*)?$/.exec(source);
  if (match === null) return false;
  const [, wildcard, name = '', only] = match;
  const hostFits = wildcard === undefined ? host === name : host.endsWith(`.${name}`);
  if (!hostFits || only === undefined || only === '/') return hostFits;
  return only.endsWith('/') ? path.toLowerCase().startsWith(only) : path.toLowerCase() === only;
}
