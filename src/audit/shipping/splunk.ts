/** Splunk by its HTTP Event Collector. */
import { type HttpSinkOptions, post, receiverUrl } from './http-post.ts';
import type { LogSink, ShippedRecord } from './log-sink.ts';
import { SHIPPING_CALLS } from './shipping.calls.ts';

/** An event collector. Where the address has no path it is `/services/collector/event`. */
export interface SplunkOptions extends HttpSinkOptions {
  /** Of the collector: from the environment, never from a file of the repository. */
  token: string;
  /** Default: that of the token. */
  index?: string;
  /** Default `bulwark:audit`. */
  sourcetype?: string;
}

/** Sends records to Splunk. */
export function splunk(options: SplunkOptions): LogSink {
  SHIPPING_CALLS.splunk(options);
  const { url, headers = {}, name = 'splunk', token, index, sourcetype = 'bulwark:audit' } = options;
  const to = receiverUrl(url, '/services/collector/event');
  const all = { authorization: `Splunk ${token}`, 'content-type': 'application/json', ...headers };
  return {
    name,
    send: async (records) => {
      const events = records.map((record) => JSON.stringify(toSplunk(record, sourcetype, index)));
      await post(to, all, events.join('\n'));
    },
  };
}

function toSplunk({ id, line, event }: ShippedRecord, sourcetype: string, index: string | undefined): object {
  return {
    time: (Date.parse(event.time) || 0) / 1000,
    source: event.service,
    sourcetype,
    ...(index !== undefined && { index }),
    event: JSON.parse(line) as object,
    // Searched without reading events, as by `id` where repeats are to be dropped.
    fields: { id, level: event.level, outcome: event.outcome },
  };
}
