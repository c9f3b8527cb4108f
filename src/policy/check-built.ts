/** The folder of `csp.built` is the build's alone: a script in it runs in every page that was built. */
import { realpathSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import type { Problems } from '../core/problems.ts';
import type { PolicySections } from './controls.ts';

/** Refuses one that uploads are written to: a page that somebody uploads would be taken for one of the build. */
export function checkBuilt({ csp, files }: Pick<PolicySections, 'csp' | 'files'>, problems: Problems): void {
  const { built, mode } = csp;
  const { bytes } = files;
  if (built === undefined || mode === 'off' || typeof bytes !== 'string') return;
  if (!isWithin(bytes, built.folder) && !isWithin(built.folder, bytes)) return;
  problems.refuse(
    'ERR_BULWARK_UNSAFE_OPTION',
    'csp.built',
    'uploads lie in it, or it among them (files.bytes): a page that somebody uploads would run its scripts.',
    "csp: { built: 'dist/client' }, the folder that the build alone writes to",
  );
}

/** By its name, and by where links lead: what is not there yet has a name alone. */
function isWithin(inner: string, outer: string): boolean {
  return lies(resolve(inner), resolve(outer)) || lies(realPath(inner), realPath(outer));
}

function lies(inner: string, outer: string): boolean {
  const way = relative(outer, inner);
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`) || resolve(way) === way);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // Not there yet.
    return resolve(path);
  }
}
