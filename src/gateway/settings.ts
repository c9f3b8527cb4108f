/** What a gateway works by: the policy's section, and over it what the command line or the caller says. */
import { readOptions } from '../core/options.ts';
import { Problems } from '../core/problems.ts';
import { readNow } from '../node/protector.ts';
import type { Policy, PolicyOptions } from '../policy/policy.ts';
import { isRead } from '../policy/read-policy.ts';
import { type GatewayOptions, gatewayOptions, type GatewaySettings } from './options/gateway.options.ts';

/**
 * A policy, read, with its section of the gateway as `options` change it.
 *
 * @throws PolicyError with every problem of the policy and of the options
 */
export function withGateway(policy: PolicyOptions | Policy, options: GatewayOptions): Policy {
  const read = isRead(policy)
    ? overlaid(policy, options)
    : readNow({ ...policy, gateway: { ...policy.gateway, ...options } });
  const problems = new Problems(read.environment);
  if (read.gateway.upstream.length === 0) {
    const { example } = gatewayOptions.upstream;
    const reason = 'there is none, and a gateway stands in front of something.';
    problems.refuse('ERR_BULWARK_INVALID_OPTION', 'gateway.upstream', reason, example);
  }
  checkStored(read, problems);
  checkConsole(read, problems);
  problems.throwIfAny();
  return read;
}

/** What is kept for `uploads.take` or `uploads.resume` goes to nobody else, and behind a gateway nobody calls them: the upstream would get none. */
function checkStored({ routes }: Policy, problems: Problems): void {
  for (const {
    pattern: { text },
    rules,
  } of routes.routes) {
    if (rules.upload === undefined || (rules.upload.store ?? false) === false) continue;
    const types = rules.upload.types.map((type) => `'${type}'`).join(', ');
    problems.refuse(
      'ERR_BULWARK_INVALID_OPTION',
      `routes['${text}'].upload.store`,
      'files are kept for uploads.take or uploads.resume, which nobody calls behind a gateway: the upstream would get none.',
      `routes: { '${text}': { upload: { types: [${types}] } } }`,
    );
  }
}

/**
 * Operators sign in here, and not to the application: by accounts of the policy, whose pages must not stand in front of those of
 * the application.
 */
function checkConsole({ console: declared, accountPages }: Policy, problems: Problems): void {
  if (declared === undefined) return;
  const code = 'ERR_BULWARK_INVALID_OPTION';
  if (accountPages === undefined) {
    const reason =
      'operators sign in to the gateway itself, and the policy has no accounts with pages for that.';
    problems.refuse(code, 'console', reason, "accounts: {}, accountPages: { base: '/-' }");
  } else if (accountPages.base === '') {
    const reason =
      'these pages would stand in front of those of the application: /login, /account and others.';
    problems.refuse(code, 'accountPages.base', reason, "accountPages: { base: '/-' }");
  }
}

function overlaid(policy: Policy, options: GatewayOptions): Policy {
  const problems = new Problems(policy.environment);
  const given = readOptions('gateway', gatewayOptions, options, problems);
  problems.throwIfAny();
  const changed = Object.keys(options) as (keyof GatewaySettings & keyof GatewayOptions)[];
  const changes = changed.filter((name) => options[name] !== undefined).map((name) => [name, given[name]]);
  return { ...policy, gateway: { ...policy.gateway, ...(Object.fromEntries(changes) as object) } };
}
