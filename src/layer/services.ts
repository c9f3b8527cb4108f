/** What guards share: one audit log, one session service, one set of own origins. */
import { AuditLog } from '../audit/audit.ts';
import type { Policy } from '../config/policy.ts';
import { OwnOrigins } from '../core/own-origins.ts';
import { Sessions } from '../sessions/sessions.ts';

/** The services of one layer. */
export interface Services {
  readonly audit: AuditLog;
  readonly sessions: Sessions;
  readonly ownOrigins: OwnOrigins;
}

/** Makes the services a policy asks for. */
export function makeServices(policy: Policy): Services {
  const audit = new AuditLog(policy.audit);
  const write = audit.write.bind(audit);
  return {
    audit,
    sessions: new Sessions(policy.state.sessions, policy.session, write),
    ownOrigins: new OwnOrigins(policy.origin?.origin),
  };
}
