/**
 * The names of security events, after the OWASP Logging Vocabulary Cheat Sheet. Parameters that the cheat sheet
 * puts behind a colon (`authn_login_fail:user`) are fields of the event instead, so that logs can be searched.
 */
export type EventName =
  | 'authn_login_success'
  | 'authn_login_fail'
  | 'authn_login_fail_max'
  | 'authn_login_lock'
  | 'authn_password_change'
  | 'authn_password_change_fail'
  | 'authn_token_created'
  | 'authn_token_revoked'
  | 'authn_token_reuse'
  | 'authz_fail'
  | 'authz_change'
  | 'crypt_decrypt_fail'
  | 'excess_rate_limit_exceeded'
  | 'input_validation_fail'
  | 'malicious_cors'
  | 'malicious_direct_reference'
  | 'malicious_extraneous'
  | 'malicious_method'
  | 'malicious_slow_client'
  | 'privilege_permissions_changed'
  | 'session_created'
  | 'session_renewed'
  | 'session_expired'
  | 'session_use_after_expire'
  | 'sensitive_create'
  | 'sensitive_delete'
  | 'sys_startup'
  | 'sys_shutdown'
  | 'sys_crash'
  | 'sys_misconfigured'
  | 'sys_store_recovered'
  | 'sys_service_unavailable'
  | 'sys_store_unavailable'
  | 'user_created'
  | 'user_updated';

/** How loud an event is. */
export type EventLevel = 'info' | 'warn' | 'critical';

/** Writes one event to the audit log. Never throws, never waits. */
export type Audit = (event: EventName, details?: Readonly<Record<string, unknown>>) => void;
