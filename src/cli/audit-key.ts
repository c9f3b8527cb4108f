/** `bulwark audit key`: the key that signs heads, to be kept by whoever will verify the log one day. */
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { publicKeyOfFile, publicKeysOfRing, publicPem } from '../audit/chain/signing-key.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import { checkFiles } from './audit-files.ts';
import { printingAside } from './load-module.ts';
import { type Terminal, WrongUse } from './terminal.ts';

interface Flags {
  readonly policy?: string;
  readonly make?: string;
}

const HELP = `
Prints the public key, in PEM: keep it where the application cannot write, and give it to "bulwark audit verify --key".
--make writes a private key for "audit.file.key" of a policy, which the user that runs the application may read.

Exit codes: 0 printed, 1 failed, 2 wrong use.

Examples:
  bulwark audit key --policy bulwark.config.ts > audit.pub
  bulwark audit key --make /etc/app/audit.pem > audit.pub`;

/** Gives the command its arguments, options, help and work. */
export function define(command: Command, terminal: Terminal): void {
  command
    .description('print the public key of a log, or make a private one')
    .option('--policy <file>', 'the policy whose log it is')
    .option('--make <file>', 'write a new private key here')
    .addHelpText('after', HELP)
    .action(async ({ policy: file, make }: Flags) => {
      if ((file === undefined) === (make === undefined))
        throw new WrongUse('--policy or --make: name one of them.');
      terminal.out.write(publicPem(make === undefined ? await keyOf(file ?? '') : makeKey(make)));
    });
}

async function keyOf(file: string): Promise<string> {
  checkFiles([file]);
  const { keys, audit, state } = await printingAside(() => loadPolicy(file));
  await state.close();
  const own = audit.file?.key;
  return own === undefined ? (publicKeysOfRing(keys)[0] ?? '') : publicKeyOfFile(own);
}

function makeKey(path: string): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  // Never over one that is there: what it signed could not be told from what somebody else did.
  writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { flag: 'wx', mode: 0o600 });
  return publicKeyOfFile(path);
}
