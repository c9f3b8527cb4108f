/** `bulwark sbom`: what an application is built of, out of its locks. */
import type { Command } from 'commander';
import { CouldNotLook, type Terminal } from './terminal.ts';
import { programVersion } from './version.ts';

const HELP = `
Examples:
  bulwark sbom . > bom.json
  bulwark sbom . --format spdx > app.spdx.json

Locks of npm, pnpm, yarn, poetry, uv and pipenv are read, and requirements that name versions. Nothing is installed, run or asked.`;

interface Flags {
  readonly format: string;
  readonly name?: string;
  readonly production?: true;
}

/** Gives the command its arguments, options and work. */
export function define(command: Command, { out, err }: Terminal): void {
  command
    .description('list what an application is built of, as CycloneDX 1.6 or SPDX 2.3')
    .argument('[folder]', 'the folder of the application', '.')
    .option('--format <name>', 'cyclonedx or spdx', 'cyclonedx')
    .option('--name <name>', 'what the list is of; default: the name in the lock, else of the folder')
    .option('--production', 'leave out what only tests and builds need')
    .addHelpText('after', HELP)
    .action(async (folder: string, flags: Flags) => {
      const { makeSbom } = await import('../check/source/dependencies/make-sbom.ts');
      const made = await makeSbom(folder, {
        format: flags.format,
        name: flags.name,
        production: flags.production === true,
        toolVersion: programVersion(),
      });
      if ('why' in made) throw new CouldNotLook(made.why);
      for (const { path, why } of made.notRead) err.write(`not read: ${path}: ${why}\n`);
      out.write(`${made.text}\n`);
    });
}
