import { memory } from '../../stores/memory/state.ts';
import type { PolicyOptions } from '../../policy/policy.ts';
import { fixedSecrets } from '../fakes.ts';

/** The same for all hosts: what is made of keys is compared too. */
const SECRETS = fixedSecrets();

/** The policy of the conformance of hosts: behind a proxy on loopback that ends TLS, as most deployments are. */
export function hostPolicy(): PolicyOptions {
  return {
    environment: 'production',
    origin: 'https://example.com',
    secrets: SECRETS,
    state: memory(),
    proxy: { trusted: ['127.0.0.1'] },
    audit: { sink: () => undefined },
    routes: {
      '/members/**': { require: 'signed-in' },
      '/operators/**': { require: { role: 'operator' } },
      'POST /login': { limit: '5/minute', by: ['client', 'account'] },
    },
  };
}
