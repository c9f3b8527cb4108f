import type { AuditEvent } from '../audit/audit-event.ts';
import { readPolicy } from '../policy/read-policy.ts';
import type { PolicyOptions } from '../policy/policy.ts';
import { type GuardCount, Layer } from '../layer/layer.ts';
import { memory } from '../stores/memory/state.ts';
import { fixedSecrets, recordingAudit } from './fakes.ts';
import { RecorderHost } from './recorder.ts';

/** A layer without a network: requests in a few words, and what comes of each. */
export interface Recorder extends Pick<RecorderHost, 'run'> {
  /** How often each guard said no. */
  readonly counts: ReadonlyMap<string, Readonly<GuardCount>>;
  /** What the log was told. */
  readonly events: readonly AuditEvent[];
  /** Closes the state of the policy. */
  readonly close: () => Promise<void>;
}

/**
 * Runs requests through a policy, without a server.
 *
 * @param policy - stands over this: production at https://example.com, secrets and state of its own. Its log is `events`
 * @throws PolicyError with every problem of the policy
 */
export async function openRecorder(policy: PolicyOptions = {}): Promise<Recorder> {
  const log = recordingAudit();
  const read = await readPolicy(completed(policy, { audit: { sink: log.sink } }));
  const layer = new Layer(read);
  const host = new RecorderHost(layer);
  return {
    run: (asked, answer) => host.run(asked, answer),
    counts: layer.counts,
    events: log.events,
    close: async () => {
      await read.state.close();
    },
  };
}

function completed(policy: PolicyOptions, over: PolicyOptions): PolicyOptions {
  // What is no policy is refused as it came.
  if (typeof policy !== 'object' || policy === null) return policy;
  return {
    environment: 'production',
    origin: 'https://example.com',
    secrets: fixedSecrets(),
    state: memory(),
    ...policy,
    ...over,
  };
}
