/** Elasticsearch and OpenSearch by their bulk API: the id of a record is that of its document, so that no repeat is stored. */
import { toEcs } from './ecs.ts';
import { type HttpSinkOptions, post, receiverUrl } from './http-post.ts';
import { type LogSink, RefusedRecords, type ShippedRecord, TryLater } from './log-sink.ts';
import { SHIPPING_CALLS } from './shipping.calls.ts';
import { toOcsf } from './ocsf.ts';

/** A cluster. Where the address has no path it is `/_bulk`. */
export interface ElasticOptions extends HttpSinkOptions {
  /** The index or data stream. Default `logs-bulwark.audit-default`. */
  index?: string;
  /** Default `ecs`. */
  schema?: 'ecs' | 'ocsf' | 'plain';
}

interface BulkItem {
  readonly create?: { readonly status?: number };
}

const CONFLICT = 409;
const TOO_MANY = 429;

/** Sends records to Elasticsearch or OpenSearch. */
export function elastic(options: ElasticOptions): LogSink {
  SHIPPING_CALLS.elastic(options);
  const {
    url,
    headers = {},
    name = 'elastic',
    index = 'logs-bulwark.audit-default',
    schema = 'ecs',
  } = options;
  const to = receiverUrl(url, '/_bulk');
  const all = { 'content-type': 'application/x-ndjson', ...headers };
  const document = ({ id, line, event }: ShippedRecord): string => {
    if (schema === 'plain') return `{"@timestamp":${JSON.stringify(event.time)},${line.slice(1)}`;
    return JSON.stringify(
      schema === 'ecs' ? toEcs(id, event) : { '@timestamp': event.time, ...toOcsf(id, event) },
    );
  };
  return {
    name,
    send: async (records) => {
      const lines = records.map(
        (record) => `${JSON.stringify({ create: { _index: index, _id: record.id } })}\n${document(record)}\n`,
      );
      const { items = [] } = JSON.parse(await post(to, all, lines.join(''))) as {
        items?: readonly BulkItem[];
      };
      // Whatever else answers with 200, as a page in front of the cluster, has stored nothing.
      if (items.length !== records.length) throw new TryLater('bulk');
      judge(items.map(({ create }) => create?.status ?? 0));
    },
  };
}

/** Each document has an answer of its own. One that is there already came before. */
function judge(statuses: readonly number[]): void {
  const bad = statuses.filter((status) => status !== CONFLICT && !(status >= 200 && status < 300));
  if (bad.length === 0) return;
  if (bad.some((status) => status === TOO_MANY || status >= 500 || status === 0)) throw new TryLater('bulk');
  throw new RefusedRecords('bulk', bad.length);
}
