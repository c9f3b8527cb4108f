import type { AccountsContext } from '../context.ts';
import type { MailTokens } from '../mail/mail-token.ts';
import type { Notices } from '../mail/notices.ts';
import type { Credentials } from './credentials.ts';

/** What a flow stands on that changes an account by a mailed link. */
export interface LinkParts {
  readonly context: AccountsContext;
  readonly tokens: MailTokens;
  readonly notices: Notices;
  readonly credentials: Credentials;
}
