import type {
  RememberedBrowserRecord,
  FactorStore,
  PasskeyRecord,
  PendingTotp,
} from '../../stores/ports/factors.ts';
import { NOW, type OpenState, stateTest } from './support.ts';

/** How long things live in these tests. */
export const TTL = 600_000;

/** A pending authenticator app that has just begun to wait. */
export function sketchPending(id: string, changes: Partial<PendingTotp> = {}): PendingTotp {
  return { id, sealed: `sealed ${id}`, expiresAt: NOW + TTL, ...changes };
}

/** A passkey of `ann`, unless a test says otherwise. */
export function sketchPasskey(credentialId: string, changes: Partial<PasskeyRecord> = {}): PasskeyRecord {
  return {
    credentialId,
    account: 'ann',
    userHandle: 'handle of ann',
    publicKey: 'a key',
    counter: 0,
    backupEligible: true,
    backedUp: false,
    transports: ['internal', 'hybrid'],
    aaguid: '00000000-0000-0000-0000-000000000000',
    name: 'Laptop',
    createdAt: NOW,
    usedAt: undefined,
    ...changes,
  };
}

/** A device of `ann` that was remembered just now, unless a test says otherwise. */
export function sketchRememberedBrowser(
  id: string,
  changes: Partial<RememberedBrowserRecord> = {},
): RememberedBrowserRecord {
  return {
    id,
    account: 'ann',
    tokenHash: `hash of ${id}`,
    createdAt: NOW,
    usedAt: NOW,
    expiresAt: NOW + TTL,
    address: '192.0.2.1',
    userAgent: 'a browser',
    ...changes,
  };
}

/** A test on the second factors of a state of its own. */
export function factorTest(
  open: OpenState,
  fact: string,
  body: (factors: FactorStore) => Promise<void>,
): void {
  stateTest(open, fact, async ({ factors }) => {
    if (factors === undefined) throw new TypeError('this state keeps no second factors');
    await body(factors);
  });
}
