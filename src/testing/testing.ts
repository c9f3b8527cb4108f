/**
 * `bulwark/testing`: somebody who is signed in, for an application's own tests; and what tests that which is added to Bulwark: a
 * store, a guard, a host, a control. It imports `node:test`, and is for tests only.
 */
export {
  accountStoreConformance,
  factorStoreConformance,
  fileBytesConformance,
  fileStoreConformance,
  reportStoreConformance,
  storeConformance,
} from './conformance.ts';
export type { OpenFileBytes } from './conformance/file-bytes.ts';
export type { OpenState, StoreTraits } from './conformance/support.ts';
export type { AuditEvent } from '../audit/audit-event.ts';
export { fixedSecrets, manualClock, type ManualClock, recordingAudit, type RecordingAudit } from './fakes.ts';
export { guardConformance, type GuardCases, type PassedCase, type StoppedCase } from './guards.ts';
export { holds, type Sides, type Starts, type Subject } from './holds.ts';
export { NOTHING, type Reply, serveRoutes, type TestRoute, type Visit } from './hosts/application.ts';
export { hostConformance, type StartedHost, type StartHost } from './hosts/conformance.ts';
export { openRecorder, type Recorder } from './open-recorder.ts';
export type { Answered, Asked, Recorded } from './recorder.ts';
export { type BrowserCookie, type SignedIn, signedIn } from './signed-in.ts';
