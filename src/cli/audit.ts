/** `bulwark audit`: the commands about the log. */
import type { Command } from 'commander';
import { define as defineExport } from './audit-export.ts';
import { define as defineForget } from './audit-forget.ts';
import { define as defineIndex } from './audit-index.ts';
import { define as defineKey } from './audit-key.ts';
import { define as defineRetain } from './audit-retain.ts';
import { define as defineSearch } from './audit-search.ts';
import { define as defineStats } from './audit-stats.ts';
import { define as defineTail } from './audit-tail.ts';
import { define as defineVerify } from './audit-verify.ts';
import type { Terminal } from './terminal.ts';

/** Gives the command its commands. */
export function define(command: Command, terminal: Terminal): void {
  defineVerify(command.command('verify'), terminal);
  defineTail(command.command('tail'), terminal);
  defineSearch(command.command('search'), terminal);
  defineExport(command.command('export'), terminal);
  defineStats(command.command('stats'), terminal);
  defineIndex(command.command('index'), terminal);
  defineRetain(command.command('retain'), terminal);
  defineForget(command.command('forget'), terminal);
  defineKey(command.command('key'), terminal);
}
