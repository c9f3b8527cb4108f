/** `bulwark gateway`: the policy in front of an application, with no change to its code. */
import cluster from 'node:cluster';
import { isSea } from 'node:sea';
import type { Command } from 'commander';
import { randomBytes } from '../core/random.ts';
import { defineCsp } from './gateway-csp.ts';
import { define as defineReport } from './gateway-report.ts';
import { defineTls } from './gateway-tls.ts';
import { type GatewayFlags, readFlags, RUN_SECRET, writeFlags } from './gateway-flags.ts';
import { AnsweredNo, CouldNotLook, type Terminal } from './terminal.ts';

const HELP = `
Every request is judged by the policy before the application hears of it, and every answer before it leaves.
Without --policy the defaults hold; its section "gateway" has what stands here and more, and what is said here goes
before it. Without --policy and --origin the gateway is for this machine alone: it answers to localhost, over plain
http, and makes a secret for this run.

On the internet it needs a public origin, a secret, and a certificate, or it stands behind what ends TLS:
  BULWARK_SECRET=$(openssl rand -base64 32)

Signals: SIGHUP reads the policy anew (one with a problem is refused, and the one before stays); SIGTERM and SIGINT
end it.

Exit codes: 0 ended by SIGINT or SIGTERM, once what was under way is answered; 1 it failed; 2 wrong use.

Examples:
  bulwark gateway --upstream http://127.0.0.1:8000
  bulwark gateway --upstream unix:/run/app.sock --listen 127.0.0.1:8080 --origin https://notes.example.com \\
    --trust-proxy 127.0.0.1
  bulwark gateway --upstream http://127.0.0.1:8000 --origin https://notes.example.com \\
    --acme ops@example.com --listen 0.0.0.0:443 --http-listen 0.0.0.0:80
  bulwark gateway --policy bulwark.config.ts --workers auto --management 127.0.0.1:9090
  bulwark gateway --policy bulwark.config.ts --observe | tee bulwark.log
  bulwark gateway report bulwark.log`;

/** Gives the command its arguments, options and work. */
export function define(command: Command, terminal: Terminal): void {
  defineReport(command.command('report'), terminal);
  defineCsp(command.command('csp'), terminal);
  command
    .description('put the policy in front of an application, with no change to its code')
    .option('--upstream <addresses...>', 'where the application listens: http://HOST:PORT or unix:/PATH');
  addGatewayOptions(command)
    .addHelpText('after', HELP)
    .action(async (flags: GatewayFlags) => {
      if (cluster.isPrimary) {
        await supervise(flags, terminal);
        return;
      }
      const { serve } = await import('./gateway-worker.ts');
      await serve(readFlags(flags), terminal);
    });
}

/** The options of the gateway, but for its upstream. */
export function addGatewayOptions(command: Command): Command {
  return defineTls(command)
    .option(
      '--listen <address>',
      'where the gateway listens: HOST:PORT or unix:/PATH (default: 127.0.0.1:8080)',
    )
    .option('--policy <file>', 'the module that exports the policy as default')
    .option('--origin <origin>', 'the public origin, such as https://notes.example.com')
    .option('--trust-proxy <addresses...>', 'who ends TLS in front of the gateway, by address')
    .option(
      '--keep-alive <time>',
      'how long connections to the application stay open unused: 1s, stated (as it says), none',
    )
    .option('--vault [cookies...]', 'session cookies of the application that stay at the gateway, by name')
    .option('--workers <number>', 'processes that serve, or auto for one a core')
    .option('--management <address>', 'where /-/health, /-/ready and /-/metrics are answered')
    .option('--observe', 'refuse nothing: count and log what each guard would have done')
    .option('--access-log [stream]', 'write a line for each answer, to stdout or stderr');
}

/** Runs a gateway in workers until a signal ends it, and then for as long as something is under way. */
async function supervise(flags: GatewayFlags, { err }: Terminal): Promise<void> {
  readFlags(flags);
  const { env, argv } = process;
  if (env['BULWARK_SECRET'] === undefined && env['BULWARK_SECRET_FILE'] === undefined)
    env[RUN_SECRET] = randomBytes(32).toString('base64');
  const words = ['gateway', ...writeFlags(flags)];
  // An executable of one file is its own script.
  const [exec = '', ...args] = isSea() ? words : [argv[1] ?? '', ...words];
  cluster.setupPrimary({ exec, args });
  const { Supervisor } = await import('../gateway/running/supervisor.ts');
  const code = await new Supervisor((line) => void err.write(line)).run();
  // The worker that failed has said why.
  if (code === 2) throw new CouldNotLook();
  if (code !== 0) throw new AnsweredNo();
}
