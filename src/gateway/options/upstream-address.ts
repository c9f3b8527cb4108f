/** Where an upstream listens, as people write it. */
import { type Read, Unfit } from '../../core/options.ts';

/** Where an upstream listens. */
export type UpstreamAddress = { readonly host: string; readonly port: number } | { readonly path: string };

const FIT = "where the application listens, such as 'http://127.0.0.1:8000' or 'unix:/run/app.sock'";

/** Reads `http://HOST:PORT` or `unix:/PATH`. */
export const upstreamAddress: Read<UpstreamAddress> = (value) => {
  if (typeof value !== 'string') throw new Unfit(FIT);
  if (value.startsWith('unix:')) {
    const path = value.slice('unix:'.length);
    if (!path.startsWith('/')) throw new Unfit(`${FIT}, with a path from the root behind unix:`);
    return { path };
  }
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol !== 'http:')
    throw new Unfit(`${FIT}: only plain http is spoken to it, on a network of your own`);
  const { pathname, search, hash, username, password } = url;
  if (pathname !== '/' || `${search}${hash}${username}${password}` !== '')
    throw new Unfit(`${FIT}: a host and a port are all that it may name`);
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: url.port === '' ? 80 : Number(url.port) };
};

/** An address as it is written. */
export function showAddress(address: UpstreamAddress): string {
  if ('path' in address) return `unix:${address.path}`;
  const { host, port } = address;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
