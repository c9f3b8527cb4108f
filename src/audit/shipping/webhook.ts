/** Records by signed webhooks (Standard Webhooks 1.0): a receiver knows who sent them, and that nobody changed or replays them. */
import { createHmac, hash } from 'node:crypto';
import { type HttpSinkOptions, post, receiverUrl } from './http-post.ts';
import type { LogSink, ShippedRecord } from './log-sink.ts';
import { SHIPPING_CALLS } from './shipping.calls.ts';

/** A receiver of webhooks. */
export interface WebhookSinkOptions extends HttpSinkOptions {
  /** `whsec_` and 24 to 64 random bytes in base64, or those alone: what both sides know. */
  secret: string;
}

/** Sends batches of records, each signed. The body is `{ records: [{ id, event }] }`. */
export function webhook(options: WebhookSinkOptions): LogSink {
  SHIPPING_CALLS.webhook(options);
  const { url, headers = {}, name = 'webhook', secret } = options;
  const to = receiverUrl(url);
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return {
    name,
    send: async (records) => {
      const body = JSON.stringify({
        records: records.map(({ id, line }) => ({ id, event: JSON.parse(line) as object })),
      });
      await post(
        to,
        { 'content-type': 'application/json', ...headers, ...signature(records, body, key) },
        body,
      );
    },
  };
}

/** The same records are the same delivery: its id is made of theirs. */
function signature(
  records: readonly ShippedRecord[],
  body: string,
  key: Buffer,
): Readonly<Record<string, string>> {
  const id = `msg_${hash('sha256', records.map((record) => record.id).join('\n'), 'base64url').slice(0, 24)}`;
  const time = String(Math.floor(Date.now() / 1000));
  const signed = createHmac('sha256', key).update(`${id}.${time}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': `v1,${signed}` };
}
