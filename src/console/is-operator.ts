/** Who may see the console, looked at by the console itself. */
import type { Principal } from '../core/exchange.ts';
import type { ConsoleSettings } from './options/console.options.ts';

/**
 * The rules of the policy have said so before. Where they are only observed, or a line of the application stands in their place,
 * these pages hold by themselves, and are not there for anybody else.
 */
export function isOperator(
  principal: Principal | undefined,
  method: string | undefined,
  now: number,
  { role, fresh, freshActs }: Pick<ConsoleSettings, 'role' | 'fresh' | 'freshActs'>,
): boolean {
  if (principal?.via !== 'session' || principal.mfaAt === undefined) return false;
  const limit = method === 'POST' ? Math.min(fresh, freshActs) : fresh;
  const proved = Math.max(principal.signedInAt, principal.mfaAt);
  return principal.roles.includes(role) && now - proved <= limit;
}
