/** Where a server listens, as people write it. */
import { isAbsolute } from 'node:path';
import { type Read, Unfit } from '../../core/options.ts';

/** Where a server listens. */
export type Place = { readonly host: string; readonly port: number } | { readonly path: string };

const FIT = "HOST:PORT or unix:/PATH, such as '127.0.0.1:8080' or 'unix:/run/bulwark.sock'";

/** Reads `HOST:PORT`, `[::1]:PORT` or `unix:/PATH`. */
export const listenAddress: Read<Place> = (value) => {
  if (typeof value !== 'string') throw new Unfit(FIT);
  if (value.startsWith('unix:')) {
    const path = value.slice('unix:'.length);
    if (!isAbsolute(path)) throw new Unfit(`${FIT}, with a path from the root behind unix:`);
    return { path };
  }
  const match = /^(?:\[([\da-f:]+)\]|([\w.-]+)):(\d{1,5})$/i.exec(value);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) throw new Unfit(FIT);
  return { host: match[1] ?? match[2] ?? '', port };
};

/** A place as it is written. */
export function showPlace(place: Place): string {
  if ('path' in place) return `unix:${place.path}`;
  return `${place.host.includes(':') ? `[${place.host}]` : place.host}:${place.port}`;
}
