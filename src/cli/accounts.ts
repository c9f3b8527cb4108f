/** `bulwark accounts`: the commands about accounts. */
import type { Command } from 'commander';
import { define as defineImport } from './accounts-import.ts';
import type { Terminal } from './terminal.ts';

/** Gives the command its commands. */
export function define(command: Command, terminal: Terminal): void {
  defineImport(command.command('import'), terminal);
}
