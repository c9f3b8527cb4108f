/** `bulwark accounts`: the commands about accounts. */
import type { Command } from 'commander';
import { define as defineImport } from './accounts-import.ts';
import type { Terminal } from './terminal.ts';

const HELP = `
Examples:
  bulwark accounts import users.csv --policy bulwark.config.ts --dry-run
  bulwark accounts import users.csv --policy bulwark.config.ts
  bulwark accounts import --help`;

/** Gives the command its commands. */
export function define(command: Command, terminal: Terminal): void {
  command.addHelpText('after', HELP);
  defineImport(command.command('import'), terminal);
}
