/** How senders sign what they send: read and compared here, over the bytes as they came. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { RequestFacts } from '../../core/exchange.ts';
import { header } from '../../core/exchange.ts';

/** The schemes that are known. `standard` is Standard Webhooks 1.0, which Svix and many others speak. */
export const WEBHOOK_SCHEMES = ['standard', 'github', 'stripe', 'slack'] as const;

/** A scheme of signing. */
export type WebhookScheme = (typeof WEBHOOK_SCHEMES)[number];

/** What the head of a delivery says. */
export interface SignedHead {
  /** What the sender calls the delivery; undefined where its scheme has no word for it: no text, which all of them would share. */
  readonly id: string | undefined;
  /** When it was signed, in milliseconds since 1970; undefined where the scheme does not say. */
  readonly sentAt: number | undefined;
  /** Tags, of which one must be right: senders that change their secret sign with both. */
  readonly tags: readonly Buffer[];
  /** What is signed in front of the body. */
  readonly before: string;
}

/** A scheme: where its words stand, and what its secret is as bytes. */
interface Scheme {
  readonly read: (request: RequestFacts) => SignedHead | undefined;
  readonly keyOf: (secret: string) => Buffer;
}

const asText = (secret: string): Buffer => Buffer.from(secret);
/** Senders sign with one tag, or two while a secret changes. */
const MOST_TAGS = 8;
const HEX = /^[\da-f]{64}$/i;
const SECONDS = /^[1-9]\d{8,10}$/;

const SCHEMES: Readonly<Record<WebhookScheme, Scheme>> = {
  standard: {
    read: (request) => {
      const id = header(request, 'webhook-id') ?? '';
      const time = header(request, 'webhook-timestamp') ?? '';
      const signature = header(request, 'webhook-signature') ?? '';
      if (!/^[\w.:-]{1,256}$/.test(id) || !SECONDS.test(time) || signature.length > MOST_TEXT)
        return undefined;
      const tags = signature
        .split(' ', MOST_TAGS)
        .filter((one) => one.startsWith('v1,'))
        .map((one) => Buffer.from(one.slice(3), 'base64'));
      return { id, sentAt: Number(time) * 1000, tags, before: `${id}.${time}.` };
    },
    keyOf: (secret) => Buffer.from(secret.replace(/^whsec_/, ''), 'base64'),
  },
  github: {
    read: (request) => {
      const tags = [header(request, 'x-hub-signature-256') ?? ''].filter((one) => one.startsWith('sha256='));
      // The name of the delivery is not signed: it tells deliveries apart, and proves nothing.
      const id = header(request, 'x-github-delivery') ?? '';
      return {
        id: /^[\w-]{1,64}$/.test(id) ? id : undefined,
        sentAt: undefined,
        tags: tags.flatMap((one) => hex(one.slice(7))),
        before: '',
      };
    },
    keyOf: asText,
  },
  stripe: {
    read: (request) => {
      const signature = header(request, 'stripe-signature') ?? '';
      if (signature.length > MOST_TEXT) return undefined;
      const parts = signature.split(',', 2 * MOST_TAGS).map((one) => one.trim().split('=', 2));
      const times = parts.filter(([name]) => name === 't').map(([, value = '']) => value);
      const [time = ''] = times;
      if (times.length !== 1 || !SECONDS.test(time)) return undefined;
      const tags = parts.filter(([name]) => name === 'v1').flatMap(([, value = '']) => hex(value));
      return { id: undefined, sentAt: Number(time) * 1000, tags, before: `${time}.` };
    },
    keyOf: asText,
  },
  slack: {
    read: (request) => {
      const time = header(request, 'x-slack-request-timestamp') ?? '';
      const signature = header(request, 'x-slack-signature') ?? '';
      if (!SECONDS.test(time) || !signature.startsWith('v0=')) return undefined;
      return {
        id: undefined,
        sentAt: Number(time) * 1000,
        tags: hex(signature.slice(3)),
        before: `v0:${time}:`,
      };
    },
    keyOf: asText,
  },
};

const MOST_TEXT = 2048;

function hex(text: string): Buffer[] {
  return HEX.test(text) ? [Buffer.from(text, 'hex')] : [];
}

/** What the head of a request says of its signature. Undefined: nothing that the scheme knows. */
export function readSignature(scheme: WebhookScheme, request: RequestFacts): SignedHead | undefined {
  const read = SCHEMES[scheme].read(request);
  return read === undefined || read.tags.length === 0 ? undefined : read;
}

/** The secret as the scheme's key. */
export function keyOf(scheme: WebhookScheme, secret: string): Buffer {
  return SCHEMES[scheme].keyOf(secret);
}

/** Whether a body was signed by one of the keys. Each tag is compared with each, whichever is right. */
export function isSigned(
  { before, tags }: SignedHead,
  body: Uint8Array,
  keys: readonly Uint8Array[],
): boolean {
  let found = false;
  for (const key of keys) {
    const right = createHmac('sha256', key).update(before).update(body).digest();
    for (const tag of tags) if (tag.length === right.length && timingSafeEqual(tag, right)) found = true;
  }
  return found;
}
