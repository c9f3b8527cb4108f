/** Every rule of every room. To add a control, add its line here. */
import { cookiesRules } from '../cookies/cookies.check.ts';
import type { Rule } from '../core/finding.ts';
import { cspRules } from '../csp/csp.check.ts';
import { csrfRules } from '../csrf/csrf.check.ts';
import { errorsRules } from '../errors/errors.check.ts';
import { firewallRules } from '../firewall/firewall.check.ts';
import { headersRules } from '../headers/headers.check.ts';
import { httpsRules } from '../https/https.check.ts';
import { rateLimitRules } from '../rate-limit/rate-limit.check.ts';
import { secretsRules } from '../secrets/secrets.check.ts';
import { sessionRules } from '../sessions/session.check.ts';

/** In the order of the go-live checklist. */
export const RULES: readonly Rule[] = [
  ...httpsRules,
  ...cspRules,
  ...headersRules,
  ...cookiesRules,
  ...sessionRules,
  ...csrfRules,
  ...rateLimitRules,
  ...firewallRules,
  ...errorsRules,
  ...secretsRules,
];
