/** Packages that account pages need, and that are not installed: said as the pages are mounted. */
import type { ErrorCode } from '../core/errors.ts';

const code: ErrorCode = 'ERR_BULWARK_PACKAGE_MISSING';

/** Else the first person who sets one up meets a 500, since the pages offer both. */
export function warnOfMissingPeers(missing: readonly (readonly [name: string, use: string])[]): void {
  for (const [name, use] of missing) {
    process.emitWarning(
      `the account pages offer ${use}, which need the package ${name}, and it is not installed: npm install ${name}`,
      { code },
    );
  }
}
