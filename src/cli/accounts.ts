/** `bulwark accounts`: the commands about accounts. */
import type { Command } from 'commander';
import { defineActs } from './accounts-acts.ts';
import { define as defineImport } from './accounts-import.ts';
import { defineLooks } from './accounts-look.ts';
import type { Terminal } from './terminal.ts';

const HELP = `
Examples:
  bulwark accounts list --policy bulwark.config.ts --begins anna
  bulwark accounts disable anna@example.com --policy bulwark.config.ts
  bulwark accounts import users.csv --policy bulwark.config.ts --dry-run
  bulwark accounts reset-factors --help`;

/** Gives the command its commands. */
export function define(command: Command, terminal: Terminal): void {
  command.addHelpText('after', HELP);
  defineLooks(command, terminal);
  defineActs(command, terminal);
  defineImport(command.command('import'), terminal);
}
