/** What the makers of receivers take: found out when the policy is declared, and not when the first record is sent. */
import { amount, call, type Calls, type Fit, fields, maybe, name, word } from '../../core/call.ts';
import type { ElasticOptions } from './elastic.ts';
import type { HttpSinkOptions } from './http-post.ts';
import type { LokiOptions } from './loki.ts';
import type { OtlpOptions } from './otlp.ts';
import type { SplunkOptions } from './splunk.ts';
import type { SyslogOptions } from './syslog.ts';
import type { TimeStampOptions } from './time-stamps.ts';
import type { WebhookSinkOptions } from './webhook.ts';

const NAME = /^[a-z\d][a-z\d-]{0,40}$/;
const HERE = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
const LEAST_SECRET_BYTES = 24;

export function matching(pattern: RegExp, what: string): Fit {
  return (value) =>
    typeof value === 'string' && pattern.test(value) ? undefined : { path: '', reason: `it must be ${what}` };
}

/** The log holds who did what, and when: it crosses no network in clear, and no password stands in an address. */
export const address: Fit = (value) => {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  const isKept =
    url !== undefined && (url.protocol === 'https:' || (url.protocol === 'http:' && HERE.test(url.hostname)));
  return isKept && url.username === '' && url.password === ''
    ? undefined
    : {
        path: '',
        reason: 'it must be an https address, or http on this machine, without a password in it',
      };
};

const texts: Fit = (value) => {
  const isGood =
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((one) => typeof one === 'string' && !/[\r\n\0]/.test(one));
  return isGood ? undefined : { path: '', reason: 'it must be an object of texts of one line' };
};

/** RFC 9110 5.1 and 5.5. What `fetch` refuses it would refuse at every try, and the log would wait for ever. */
const FIELD_NAME = /^[\w!#$%&'*+.^`|~-]+$/;
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** Of the connection, which is not the caller's. */
const OF_CONNECTION = /^(?:content-length|expect|keep-alive|transfer-encoding|upgrade)$/i;

export const headerFields: Fit = (value) => {
  const isGood =
    texts(value) === undefined &&
    Object.entries(value as Readonly<Record<string, string>>).every(
      ([field, text]) => FIELD_NAME.test(field) && !OF_CONNECTION.test(field) && FIELD_VALUE.test(text),
    );
  return isGood
    ? undefined
    : {
        path: '',
        reason: "it must be an object of header fields, such as { authorization: 'Bearer ...' }, in Latin-1",
      };
};

/** What Loki and Prometheus take for the name of a label: a batch with another is refused, each time. */
const LABEL = /^[a-z_]\w*$/i;

export const labelsOf =
  (...taken: readonly string[]): Fit =>
  (value) => {
    const isGood =
      texts(value) === undefined &&
      Object.keys(value as object).every((label) => LABEL.test(label) && !taken.includes(label));
    const but = taken.length === 0 ? '' : `, and none is ${taken.join(', ')}`;
    return isGood
      ? undefined
      : { path: '', reason: `it must be an object of labels: their names are letters, digits and _${but}` };
  };

const secret: Fit = (value) => {
  const bytes =
    typeof value === 'string' ? Buffer.from(value.replace(/^whsec_/, ''), 'base64') : Buffer.alloc(0);
  return bytes.byteLength >= LEAST_SECRET_BYTES
    ? undefined
    : { path: '', reason: `it must be at least ${LEAST_SECRET_BYTES} random bytes in base64` };
};

const facility: Fit = (value) =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 23
    ? undefined
    : { path: '', reason: 'it must be a facility from 0 to 23' };

export const sinkName: Fit = maybe(matching(NAME, 'a name of small letters, digits and dashes'));
const http = { url: address, headers: maybe(headerFields), name: sinkName } satisfies Record<
  keyof HttpSinkOptions,
  Fit
>;

/** Of `bulwark/shipping`. */
export const SHIPPING_CALLS: Calls<
  'syslog' | 'otlp' | 'webhook' | 'elastic' | 'loki' | 'splunk' | 'timeStamps'
> = {
  syslog: call("syslog({ host: 'logs.example.com' })", {
    options: fields<SyslogOptions>({
      host: matching(/^[\w.:-]{1,253}$/, 'the name or address of a host'),
      port: maybe(amount),
      transport: maybe(word('tls', 'tcp')),
      ca: maybe(name),
      cert: maybe(name),
      key: maybe(name),
      facility: maybe(facility),
      format: maybe(word('json', 'cef')),
      appName: maybe(name),
      name: sinkName,
    }),
  }),
  otlp: call("otlp({ url: 'https://collector.example.com:4318' })", { options: fields<OtlpOptions>(http) }),
  webhook: call("webhook({ url: 'https://hooks.example.com/audit', secret: process.env.HOOK_SECRET })", {
    options: fields<WebhookSinkOptions>({ ...http, secret }),
  }),
  elastic: call("elastic({ url: 'https://search.example.com:9200' })", {
    options: fields<ElasticOptions>({
      ...http,
      index: maybe(matching(/^[a-z\d][a-z\d._-]{0,250}$/, 'the name of an index, in lower case')),
      schema: maybe(word('ecs', 'ocsf', 'plain')),
    }),
  }),
  loki: call("loki({ url: 'https://loki.example.com' })", {
    options: fields<LokiOptions>({ ...http, labels: maybe(labelsOf()) }),
  }),
  timeStamps: call("timeStamps({ url: 'https://tsa.example.com', keep: 'logs/audit.stamps' })", {
    options: fields<TimeStampOptions>({
      url: address,
      keep: name,
      every: maybe(amount),
      headers: maybe(headerFields),
      name: sinkName,
    }),
  }),
  splunk: call("splunk({ url: 'https://splunk.example.com:8088', token: process.env.SPLUNK_TOKEN })", {
    options: fields<SplunkOptions>({
      ...http,
      token: matching(/^[\w-]{8,100}$/, 'the token of an event collector'),
      index: maybe(name),
      sourcetype: maybe(name),
    }),
  }),
};
