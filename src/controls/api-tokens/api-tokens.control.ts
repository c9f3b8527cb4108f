import type { Control, Section } from '../../core/control.ts';
import { API_TOKEN_EVENTS, API_TOKEN_PROBLEMS } from './api-tokens.events.ts';
import { API_TOKEN_KEYS } from './api-tokens.keys.ts';
import {
  type ApiTokensOptions,
  apiTokensOptions,
  type ApiTokensSettings,
  checkApiTokens,
} from './api-tokens.options.ts';

/** What others collect of this room. */
export const apiTokensControl: Control<
  { readonly apiTokens: Section<ApiTokensOptions, ApiTokensSettings> },
  typeof API_TOKEN_EVENTS
> = {
  sections: { apiTokens: { table: apiTokensOptions, check: checkApiTokens } },
  events: API_TOKEN_EVENTS,
  problems: API_TOKEN_PROBLEMS,
  keys: API_TOKEN_KEYS,
  guards: ['token'],
  rules: async () => (await import('./api-tokens.check.ts')).apiTokenRules,
};
