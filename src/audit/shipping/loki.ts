/** Grafana Loki by its push API. Labels are few, whatever strangers send: each value of one is a stream, and streams are dear. */
import { type HttpSinkOptions, post, receiverUrl } from './http-post.ts';
import type { LogSink, ShippedRecord } from './log-sink.ts';
import { SHIPPING_CALLS } from './shipping.calls.ts';

/** A Loki. Where the address has no path it is `/loki/api/v1/push`. */
export interface LokiOptions extends HttpSinkOptions {
  /** More labels of every stream, such as `{ env: 'production' }`. */
  labels?: Readonly<Record<string, string>>;
}

/** Sends records to Loki. */
export function loki(options: LokiOptions): LogSink {
  SHIPPING_CALLS.loki(options);
  const { url, headers = {}, name = 'loki', labels = {} } = options;
  const to = receiverUrl(url, '/loki/api/v1/push');
  const all = { 'content-type': 'application/json', ...headers };
  return {
    name,
    send: async (records) => {
      await post(to, all, JSON.stringify(toLoki(records, labels)));
    },
  };
}

/** A push request: a stream for each service and level. The id is structured metadata, which makes no stream. */
export function toLoki(records: readonly ShippedRecord[], labels: Readonly<Record<string, string>>): object {
  const streams = Map.groupBy(records, ({ event }) => `${event.level} ${event.service}`);
  return {
    streams: [...streams.values()].map((own) => ({
      stream: {
        job: 'bulwark',
        service_name: own[0]?.event.service ?? '',
        level: own[0]?.event.level ?? '',
        ...labels,
      },
      values: own.map(({ id, line, event }) => [
        `${Date.parse(event.time) || 0}000000`,
        line,
        { id, event: event.event },
      ]),
    })),
  };
}
