/** Alerts in a chat: Slack's incoming webhooks, and the workflows of Microsoft Teams. */
import { type HttpSinkOptions, post, receiverUrl } from '../../audit/shipping/http-post.ts';
import type { LogSink } from '../../audit/shipping/log-sink.ts';
import { ALERT_CALLS } from './alerts.calls.ts';
import { alertsOf, textOf, type ToldAlert } from './told-alert.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

/** So many stand in one message, and of the rest only how many: the channel has to stay readable. */
const MOST_SHOWN = 10;

/** Sends alerts to a channel of Slack, by an incoming webhook. Mattermost and Rocket.Chat take the same. */
export function slack(options: HttpSinkOptions): LogSink {
  ALERT_CALLS.slack(options);
  return chat(options, 'slack', slackMessage);
}

/** Sends alerts to a channel of Microsoft Teams, by a workflow that waits for a webhook. */
export function teams(options: HttpSinkOptions): LogSink {
  ALERT_CALLS.teams(options);
  return chat(options, 'teams', teamsMessage);
}

function chat(
  { url, headers = {}, name }: HttpSinkOptions,
  usualName: string,
  messageOf: (alerts: readonly ToldAlert[]) => object,
): LogSink {
  const to = receiverUrl(url);
  return {
    name: name ?? usualName,
    send: async (records) => {
      const alerts = alertsOf(records);
      if (alerts.length > 0) await post(to, { ...JSON_TYPE, ...headers }, JSON.stringify(messageOf(alerts)));
    },
  };
}

function slackMessage(alerts: readonly ToldAlert[]): object {
  const text = shown(alerts, (alert) => slackText(textOf(alert))).join('\n\n');
  // What a stranger wrote must not call a whole channel, or show a picture of theirs.
  return { text, parse: 'none', link_names: false, unfurl_links: false, unfurl_media: false };
}

function teamsMessage(alerts: readonly ToldAlert[]): object {
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: alerts.slice(0, MOST_SHOWN).flatMap(teamsBlocks).concat(restOf(alerts).map(textBlock)),
          actions: [...new Set(alerts.slice(0, MOST_SHOWN).map(({ help }) => help))]
            .slice(0, 5)
            .map((url) => ({
              type: 'Action.OpenUrl',
              title: `What to do: ${url.split('/').at(-1) ?? ''}`,
              url,
            })),
        },
      },
    ],
  };
}

/** Runs of a RichTextBlock are no Markdown: a link that a stranger wrote stays text. */
function teamsBlocks(alert: ToldAlert): readonly object[] {
  const { service, severity, summary, about, because, time } = alert;
  const isCritical = severity === 'critical';
  return [
    richBlock(`${service}: ${summary}`, { weight: 'Bolder', color: isCritical ? 'Attention' : 'Warning' }),
    richBlock(`About: ${about}. Because: ${because}. At: ${time}.`),
  ];
}

function richBlock(text: string, style: object = {}): object {
  return { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text, ...style }] };
}

function textBlock(text: string): object {
  return richBlock(text);
}

function shown(alerts: readonly ToldAlert[], write: (alert: ToldAlert) => string): readonly string[] {
  return [...alerts.slice(0, MOST_SHOWN).map(write), ...restOf(alerts)];
}

function restOf({ length }: readonly ToldAlert[]): readonly string[] {
  return length > MOST_SHOWN ? [`And ${length - MOST_SHOWN} more: bulwark alerts list.`] : [];
}

/** Slack's three characters of markup for links and mentions. */
function slackText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
