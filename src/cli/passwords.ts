/** `bulwark passwords`: the commands about passwords. */
import type { Command } from 'commander';
import { define as defineFilterBuild } from './passwords-filter-build.ts';
import type { Terminal } from './terminal.ts';

const HELP = `
Example:
  bulwark passwords filter build --help`;

/** Gives the command its commands. */
export function define(command: Command, terminal: Terminal): void {
  command.addHelpText('after', HELP);
  const filter = command.command('filter').description('filters of breached passwords');
  defineFilterBuild(filter.command('build'), terminal);
}
