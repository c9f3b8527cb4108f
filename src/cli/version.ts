/** The version of this package. */
import { readFileSync } from 'node:fs';

/** As its manifest has it. */
export function programVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
