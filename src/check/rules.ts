/** Every rule of every room. To add a control, add its line here. */
import { cookiesRules } from '../controls/cookies/cookies.check.ts';
import type { Rule } from '../core/rule.ts';
import { cspRules } from '../controls/csp/csp.check.ts';
import { csrfRules } from '../controls/csrf/csrf.check.ts';
import { errorsRules } from '../controls/errors/errors.check.ts';
import { firewallRules } from '../controls/firewall/firewall.check.ts';
import { headersRules } from '../controls/headers/headers.check.ts';
import { httpsRules } from '../controls/https/https.check.ts';
import { rateLimitRules } from '../controls/rate-limit/rate-limit.check.ts';
import { secretsRules } from '../secrets/secrets.check.ts';
import { sessionRules } from '../controls/sessions/session.check.ts';

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
