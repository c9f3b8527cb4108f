import type { Guard } from '../../src/core/guard.ts';
import type { RateGuards } from '../../src/controls/rate-limit/rate-limit.ts';

/** The two guards of the rate-limit room as one, where nothing stands between them. */
export function inTurn({ general, routes }: RateGuards): Guard {
  return {
    ...general,
    onRequest: (exchange) => {
      const verdict = general.onRequest?.(exchange);
      if (verdict instanceof Promise) throw new Error('the general limit answers at once');
      return verdict ?? routes.onRequest?.(exchange);
    },
  };
}
