/** What `check` asks of an application about cross-site requests. */
import type { Finding, Observation, Rule } from '../../core/finding.ts';

const FIX = 'put Bulwark in front of the route, or refuse unsafe methods by Sec-Fetch-Site and Origin';

function refused(what: string): (seen: Observation) => readonly Omit<Finding, 'rule'>[] {
  return (seen) =>
    seen.status === 403
      ? []
      : [
          {
            level: 'error',
            message: `${what} was not refused`,
            evidence: `${seen.method} answered ${seen.status}`,
            fix: FIX,
          },
        ];
}

/** Rules about cross-site requests. */
export const csrfRules: readonly Rule[] = [
  {
    id: 'csrf.fetch-metadata',
    title: 'A form on another site cannot post here',
    asvs: ['v5.0.0-3.5.1'],
    probe: {
      method: 'POST',
      target: '',
      headers: { 'sec-fetch-site': 'cross-site', 'content-type': 'application/x-www-form-urlencoded' },
      body: 'a=1',
    },
    check: refused('a POST that the browser marks as cross-site'),
  },
  {
    id: 'csrf.origin',
    title: 'An old browser on another site cannot post here either',
    asvs: ['v5.0.0-3.5.1'],
    probe: {
      method: 'POST',
      target: '',
      headers: { origin: 'https://attacker.example', 'content-type': 'application/x-www-form-urlencoded' },
      body: 'a=1',
    },
    check: refused('a POST with a foreign Origin'),
  },
  {
    id: 'csrf.upgrade',
    title: 'A page of another site cannot open a WebSocket here',
    asvs: ['v5.0.0-4.4.2'],
    probe: {
      method: 'GET',
      target: '',
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
        origin: 'https://attacker.example',
      },
    },
    check: refused('a WebSocket handshake with a foreign Origin'),
  },
];
