/** Which family of the schemas of others an event belongs to, by the first word of its name (OWASP Logging Vocabulary). */

/** Of ECS and of OCSF. */
export interface EventCategory {
  /** ECS `event.category`. */
  readonly category: 'authentication' | 'iam' | 'web' | 'session' | 'host' | 'intrusion_detection';
  /** ECS `event.type`. */
  readonly type: 'start' | 'end' | 'change' | 'creation' | 'deletion' | 'denied' | 'access' | 'info';
  /** OCSF class: Authentication, Account Change, HTTP Activity, Application Lifecycle, Detection Finding. */
  readonly ocsfClass: 3002 | 3001 | 4002 | 6002 | 2004;
}

const FAMILIES: readonly (readonly [start: string, category: EventCategory])[] = [
  ['authn_password', { category: 'iam', type: 'change', ocsfClass: 3001 }],
  ['authn_token', { category: 'iam', type: 'change', ocsfClass: 3001 }],
  ['authn_', { category: 'authentication', type: 'start', ocsfClass: 3002 }],
  ['authz_change', { category: 'iam', type: 'change', ocsfClass: 3001 }],
  ['authz_', { category: 'web', type: 'denied', ocsfClass: 4002 }],
  ['user_', { category: 'iam', type: 'change', ocsfClass: 3001 }],
  ['session_', { category: 'session', type: 'start', ocsfClass: 3002 }],
  ['malicious_', { category: 'intrusion_detection', type: 'denied', ocsfClass: 2004 }],
  ['excess_', { category: 'intrusion_detection', type: 'denied', ocsfClass: 2004 }],
  ['input_', { category: 'web', type: 'denied', ocsfClass: 4002 }],
  ['sys_', { category: 'host', type: 'info', ocsfClass: 6002 }],
];
const OTHER: EventCategory = { category: 'web', type: 'info', ocsfClass: 4002 };

/** The family of an event. */
export function categoryOf(name: string): EventCategory {
  return FAMILIES.find(([start]) => name.startsWith(start))?.[1] ?? OTHER;
}
