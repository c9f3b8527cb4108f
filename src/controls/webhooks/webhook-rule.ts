/** A route's `webhook`: who sends there, and how it is signed. */
import { type OptionTable, type Read, readOptions, Unfit } from '../../core/options.ts';
import { type Duration, duration, listOf, oneOf, type Size, size } from '../../core/readers.ts';
import type { WebhookRule } from '../../core/route-rules.ts';
import { keyOf, WEBHOOK_SCHEMES, type WebhookScheme } from './signatures.ts';

/** Deliveries of a service: taken where they are signed, whatever page or program they seem to come from. */
export interface WebhookOptions {
  /** How its sender signs: `standard` (Standard Webhooks), `github`, `stripe` or `slack`. */
  scheme: WebhookScheme;
  /** The secrets that it may be signed with: two while one is changed. As the sender shows them, `whsec_` and all. */
  secrets: readonly string[];
  /** How old a signature may be, where it has a time: default `'5m'`. */
  tolerance?: Duration;
  /** The largest delivery, which is held in memory whole: default `'1MB'`. */
  size?: Size;
}

interface WebhookSettings {
  readonly scheme: WebhookScheme | undefined;
  readonly secrets: readonly string[];
  readonly tolerance: number;
  readonly size: number;
}

const MINUTE = 60_000;
const MB = 1_048_576;
const LEAST_KEY_BYTES = 16;

const secret: Read<string> = (value) => {
  if (typeof value === 'string' && value.length >= LEAST_KEY_BYTES && value.length <= 512) return value;
  throw new Unfit('the secret that the sender shows, of 16 characters or more');
};

const webhookOptions: OptionTable<WebhookSettings> = {
  scheme: {
    default: undefined,
    read: oneOf(...WEBHOOK_SCHEMES),
    reason: 'Each sender signs in its own way.',
    source: 'Standard Webhooks 1.0; documentation of GitHub, Stripe and Slack',
    example: "webhook: { scheme: 'stripe', secrets: [process.env.STRIPE_WEBHOOK_SECRET] }",
  },
  secrets: {
    default: [],
    read: listOf(secret, 'a list of the secrets that the sender shows'),
    reason: 'Without one, anyone could sign.',
    source: 'RFC 2104; CWE-347',
    example: 'webhook: { ..., secrets: [process.env.STRIPE_WEBHOOK_SECRET] }',
  },
  tolerance: {
    default: 5 * MINUTE,
    shown: '5m',
    read: duration(MINUTE, 60 * MINUTE),
    reason: 'What somebody has recorded is worth nothing soon after; clocks differ by less.',
    source: 'Standard Webhooks 1.0; Stripe and Slack documentation',
    example: "webhook: { ..., tolerance: '5m' }",
  },
  size: {
    default: MB,
    shown: '1MB',
    read: size(1024, 64 * MB),
    reason: 'It is held whole before it is believed.',
    source: 'CWE-770',
    example: "webhook: { ..., size: '1MB' }",
  },
};

/** Reads it. */
export const readWebhook: Read<WebhookRule> = (value, path, problems) => {
  const { scheme, secrets, tolerance, size: most } = readOptions(path, webhookOptions, value, problems);
  const { example } = webhookOptions.scheme;
  if (scheme === undefined || secrets.length === 0) {
    const missing = scheme === undefined ? 'scheme' : 'secrets';
    const option = `${path}.${missing}`;
    const reason = 'no signature can be judged without it.';
    if (!problems.isRefused(option)) problems.refuse('ERR_BULWARK_INVALID_OPTION', option, reason, example);
    return { scheme: 'standard', keys: [], toleranceMs: tolerance, size: most };
  }
  const keys = secrets.map((one) => keyOf(scheme, one));
  if (keys.some((key) => key.length < LEAST_KEY_BYTES)) {
    const reason = 'it has fewer than 16 bytes: of Standard Webhooks, they are base64 behind whsec_.';
    problems.refuse('ERR_BULWARK_SECRET_WEAK', `${path}.secrets`, reason, example);
  }
  return { scheme, keys, toleranceMs: tolerance, size: most };
};
