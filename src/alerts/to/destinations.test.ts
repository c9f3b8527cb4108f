import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import type { AuditEvent } from '../../audit/audit-event.ts';
import { type LogSink, RefusedRecords, type ShippedRecord } from '../../audit/shipping/log-sink.ts';
import { EVERY_ALERT } from '../alert-rules.ts';
import { alertmanager, mailAlerts, pagerDuty, slack, teams } from './destinations.ts';

const servers: Server[] = [];
after(() => {
  for (const server of servers) server.close();
});

const KEY = 'k'.repeat(32);
const HELP = 'https://github.com/bulwark-layer/bulwark/blob/main/docs/alerts/spraying.md';

/** About is what a stranger chose, where accounts have names of their own. */
function record(about: string, details = {}): ShippedRecord {
  const event: AuditEvent = {
    time: '2026-01-05T10:00:00.000Z',
    level: 'warn',
    event: 'alert_raised',
    outcome: 'success',
    service: 'shop',
    details: {
      rule: 'spraying',
      severity: 'warn',
      summary: 'One network tries many accounts.',
      about,
      because: 'wrong sign-ins',
      help: HELP,
      ...details,
    },
  };
  return { id: about, line: JSON.stringify(event), event };
}

interface Asked {
  readonly path: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A receiver that answers as it is told, and the bodies that it was sent. */
async function receiver(...answers: readonly number[]): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      asked.push({ path: request.url, body: JSON.parse(body) as Asked['body'] });
      response.writeHead(answers[asked.length - 1] ?? 200).end();
    });
  });
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return { url: `http://127.0.0.1:${address.port}/`, asked };
}

test('Slack is sent text in which no stranger calls a channel, makes a link or shows a picture', async () => {
  const { url, asked } = await receiver();
  await slack({ url }).send([record('<!channel> <https://evil.example|us> a&b')]);
  const [{ body } = { body: {} as Asked['body'] }] = asked;
  assert.match(String(body['text']), /About: &lt;!channel&gt; &lt;https:.*a&amp;b\n/);
  assert.ok(String(body['text']).includes(HELP));
  assert.deepEqual(
    { ...body, text: '' },
    {
      text: '',
      parse: 'none',
      link_names: false,
      unfurl_links: false,
      unfurl_media: false,
    },
  );
});

test('many at once are one message, of which ten are shown', async () => {
  const { url, asked } = await receiver();
  await slack({ url }).send(Array.from({ length: 13 }, (_, index) => record(`user${index}`)));
  assert.equal(asked.length, 1);
  const shown = String(asked[0]?.body['text']);
  assert.ok(shown.includes('user9') && !shown.includes('user10'));
  assert.match(shown, /And 3 more/);
});

test('Teams is sent an adaptive card whose texts are no Markdown', async () => {
  const { url, asked } = await receiver(202);
  await teams({ url }).send([record('[click](https://evil.example)')]);
  const message = asked[0]?.body as {
    type: string;
    attachments: {
      contentType: string;
      content: { type: string; version: string; body: { type: string }[] };
    }[];
  };
  assert.equal(message.type, 'message');
  const [card] = message.attachments;
  assert.equal(card?.contentType, 'application/vnd.microsoft.card.adaptive');
  assert.equal(card.content.type, 'AdaptiveCard');
  // A TextBlock renders links; runs of a RichTextBlock do not.
  assert.deepEqual([...new Set(card.content.body.map(({ type }) => type))], ['RichTextBlock']);
  assert.ok(JSON.stringify(card.content).includes(HELP));
});

test('PagerDuty is sent what its Events API v2 asks for, and the same alert under the same key', async () => {
  const { url, asked } = await receiver(202, 202, 202);
  await pagerDuty({ key: KEY, url }).send([record('a'), record('a', { severity: 'critical' }), record('b')]);
  const [first, second, third] = asked.map(({ body }) => body);
  assert.equal(first?.['routing_key'], KEY);
  assert.equal(first['event_action'], 'trigger');
  assert.equal(first['dedup_key'], second?.['dedup_key']);
  assert.notEqual(first['dedup_key'], third?.['dedup_key']);
  const severities = [first, second].map(
    (body) => (body?.['payload'] as { severity: string } | undefined)?.severity,
  );
  assert.deepEqual(severities, ['warning', 'critical']);
  const { summary, source, timestamp } = first['payload'] as Readonly<Record<string, string>>;
  assert.match(String(summary), /^shop: One network/);
  assert.equal(source, 'shop');
  assert.equal(timestamp, '2026-01-05T10:00:00.000Z');
});

test('what PagerDuty will not take keeps the alerts behind it from nobody, and has none sent twice', async () => {
  const { url, asked } = await receiver(400, 202);
  const refusesOne = (error: unknown): boolean => error instanceof RefusedRecords && error.count === 1;
  await assert.rejects(pagerDuty({ key: KEY, url }).send([record('a'), record('b')]), refusesOne);
  assert.equal(asked.length, 2);
});

test('a summary is no longer than PagerDuty takes, whatever the account is called', async () => {
  const { url, asked } = await receiver(202);
  await pagerDuty({ key: KEY, url }).send([record('x'.repeat(5000), { summary: 'y'.repeat(5000) })]);
  assert.ok(asked[0] !== undefined);
  const { payload, dedup_key: key } = asked[0].body as unknown as {
    payload: { summary: string };
    dedup_key: string;
  };
  assert.ok(payload.summary.length <= 1024 && key.length <= 255);
});

test('Alertmanager is sent alerts of its API v2, whose labels are the same for the same', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-01-05T10:00:00.000Z') });
  const { url, asked } = await receiver();
  await alertmanager({ url, labels: { team: 'web' } }).send([record('192.0.2.0/24')]);
  assert.equal(asked[0]?.path, '/api/v2/alerts');
  assert.deepEqual(asked[0].body, [
    {
      labels: {
        team: 'web',
        alertname: 'Bulwark_spraying',
        service: 'shop',
        about: '192.0.2.0/24',
        severity: 'warning',
      },
      annotations: {
        summary: 'One network tries many accounts.',
        description: 'wrong sign-ins',
        runbook_url: HELP,
        escalated: 'false',
      },
      startsAt: '2026-01-05T10:00:00.000Z',
      endsAt: '2026-01-05T11:00:00.000Z',
      generatorURL: HELP,
    },
  ]);
});

test('an alert that waited for hours until Alertmanager was back is firing when it comes, and not over', async () => {
  const { url, asked } = await receiver();
  await alertmanager({ url }).send([record('192.0.2.0/24')]);
  const [alert = { startsAt: '', endsAt: '' }] = (asked[0]?.body ?? []) as unknown as {
    startsAt: string;
    endsAt: string;
  }[];
  assert.equal(alert.startsAt, '2026-01-05T10:00:00.000Z');
  assert.ok(Date.parse(alert.endsAt) > Date.now() + 3_500_000, alert.endsAt);
});

test('mail has one subject line, whatever stands in an alert', async () => {
  const mails: { to: string; subject: string; text: string }[] = [];
  const sink = mailAlerts({
    to: 'on-call@example.com',
    transport: { send: async (mail) => void mails.push(mail) },
  });
  await sink.send([record('ann\r\nBcc: bob@example.com'), record('b')]);
  const [mail] = mails;
  assert.equal(mails.length, 1);
  assert.doesNotMatch(String(mail?.subject), /[\r\n]/);
  assert.match(String(mail?.subject), /^\[warn\] shop: spraying, ann.* and 1 more$/);
  assert.equal(mail?.text.split('What to do: ').length, 3);
});

test('a receiver of alerts that is given other records sends nothing', async () => {
  const { url, asked } = await receiver();
  const { event } = record('a');
  const other = { id: '1', line: '', event: { ...event, event: 'authz_fail' } };
  const transport = { send: () => Promise.reject(new Error('sent')) };
  const sinks: readonly LogSink[] = [
    slack({ url }),
    teams({ url }),
    pagerDuty({ key: KEY, url }),
    alertmanager({ url }),
    mailAlerts({ to: 'a@example.com', transport }),
  ];
  for (const sink of sinks) await sink.send([other]);
  assert.deepEqual(asked, []);
});

test('an address in clear, a key that is none, and two addresses of mail are refused at once', () => {
  assert.throws(() => slack({ url: 'http://hooks.example.com/a' }), /https/);
  assert.throws(() => pagerDuty({ key: 'short' }), /integration key/);
  const url = 'https://alerts.example.com:9093';
  // It would answer 400 to each alert, or have its route chosen by a label that is ours.
  for (const labels of [{ 'my-team': 'web' }, { '': 'web' }, { severity: 'page' }])
    assert.throws(() => alertmanager({ url, labels }), /labels/, JSON.stringify(labels));
  assert.throws(() => slack({ url, headers: { 'a b': 'x' } }), /header fields/);
  const transport = { send: async () => undefined };
  assert.throws(() => mailAlerts({ to: 'a@example.com, b@example.com', transport }), /one mail address/);
});

test('every rule has a page that says what to do', () => {
  for (const [id] of EVERY_ALERT)
    assert.ok(existsSync(join(import.meta.dirname, `../../../docs/alerts/${id}.md`)), id);
});
