/** A whole layer over plain facts, with what its log was told. */
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import { Layer } from '../../src/layer/layer.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { readPolicy } from '../../src/policy/read-policy.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { RecorderHost } from '../../src/testing/recorder.ts';
import { fixedSecrets, TEST_SECRET } from './secrets.ts';

/** A layer, and who asks it. */
export interface RecordedLayer {
  readonly layer: Layer;
  readonly host: RecorderHost;
  readonly events: readonly AuditEvent[];
}

/** That of https://example.com in production, unless the policy says otherwise. */
export async function recordedLayer(policy: PolicyOptions = {}): Promise<RecordedLayer> {
  const events: AuditEvent[] = [];
  const layer = new Layer(
    await readPolicy({
      environment: 'production',
      origin: 'https://example.com',
      secrets: fixedSecrets(TEST_SECRET),
      state: memory(),
      audit: { sink: (line) => void events.push(JSON.parse(line) as AuditEvent) },
      ...policy,
    }),
  );
  return { layer, host: new RecorderHost(layer), events };
}
