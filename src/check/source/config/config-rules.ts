/** Rules about configuration, of every kind. */
import type { SourceRule } from '../source-rule.ts';
import { composeRules } from './compose-rules.ts';
import { dockerfileRules } from './dockerfile-rules.ts';
import { nginxRules } from './nginx-rules.ts';
import { serviceRules } from './service-rules.ts';

export const configurationRules: readonly SourceRule[] = [
  ...dockerfileRules,
  ...composeRules,
  ...nginxRules,
  ...serviceRules,
];
