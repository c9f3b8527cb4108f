/** The full-stack frameworks of an application, and what of theirs the policy does not speak of. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AccessSettings } from '../controls/access/access.options.ts';
import { FRAMEWORK_NAMES, FRAMEWORKS, type FrameworkName } from '../controls/access/frameworks.ts';
import { isPlainObject } from '../core/options.ts';
import type { Problems } from '../core/problems.ts';
import type { RouteTable } from './route-table.ts';

/** The frameworks that the package.json of a directory depends on. None where there is no such file, or none to read. */
export function findFrameworks(directory: string): readonly FrameworkName[] {
  const packages = packagesOf(directory);
  return FRAMEWORK_NAMES.filter((name) => FRAMEWORKS[name].packages.some((one) => packages.has(one)));
}

/** Says at the start what a framework answers beside its pages, and what the policy has to say of it. Refuses nothing. */
export function checkFrameworks(
  access: AccessSettings,
  routes: RouteTable,
  found: readonly FrameworkName[],
  problems: Problems,
): void {
  if (!routes.restricts && access.otherwise === 'anyone') return;
  for (const name of found) {
    const { title, data, functions } = FRAMEWORKS[name];
    if (data !== undefined && !access.frameworks.includes(name)) {
      const reason = `${title} answers at ${data} with what /account shows, and runs its actions there: that is closed with the page, and opened with it only where the policy names ${title}.`;
      problems.warn(
        'ERR_BULWARK_FRAMEWORK',
        'access.frameworks',
        reason,
        `access: { frameworks: ['${name}'] }`,
      );
    }
    if (functions !== undefined && access.serverFunctions === undefined) {
      const reason = `${title} calls functions of the server past the page that they belong to (${functions}): those are refused, since the policy does not say who may.`;
      const fix = "access: { serverFunctions: 'signed-in' }";
      problems.warn('ERR_BULWARK_FRAMEWORK', 'access.serverFunctions', reason, fix);
    }
  }
}

function packagesOf(directory: string): ReadonlySet<string> {
  let text: string;
  try {
    text = readFileSync(join(directory, 'package.json'), 'utf8');
  } catch {
    // A bundle is served without one.
    return new Set();
  }
  const manifest = parse(text);
  return new Set(
    ['dependencies', 'devDependencies'].flatMap((key) => {
      const packages = isPlainObject(manifest) ? manifest[key] : undefined;
      return isPlainObject(packages) ? Object.keys(packages) : [];
    }),
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Whoever broke it hears of it from npm.
    return undefined;
  }
}
