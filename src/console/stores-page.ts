/** Where things are kept, whether that is there, and whether what is sent elsewhere arrives. */
import { statSync } from 'node:fs';
import { showSize } from '../core/readers.ts';
import { html, type Html } from '../ui/html.ts';
import {
  type ConsoleAnswer,
  type ConsoleContext,
  type ConsolePage,
  type ConsoleRequest,
  page,
} from './console-page.ts';
import { shownCount, shownText, table } from './shown.ts';

/** What the rest stands on. */
export const storesPages: ConsolePage = {
  link: { path: '/stores', label: 'Stores' },
  routes: { 'GET /stores': showStores },
};

const KINDS = ['sessions', 'counters', 'factors', 'accounts', 'files', 'reports'] as const;
const REACH = {
  process: 'this process alone',
  machine: 'every process of this machine',
  network: 'every process that shares the store',
} as const;

function showStores(
  { parts: { layer, policy }, feed, settings }: ConsoleContext,
  { now }: ConsoleRequest,
): ConsoleAnswer {
  feed.work(now);
  const { audit, alerts, stores } = layer;
  const { state } = policy;
  const receivers = [...audit.shipping, ...(alerts?.receivers ?? [])];
  const { waiting, dropped, error } = feed.health;
  return page(
    'Stores',
    html`<h1>Stores</h1>
      <dl class="facts card">
        <dt>State is seen by</dt>
        <dd>${REACH[state.reach]}</dd>
        <dt>It keeps</dt>
        <dd>${KINDS.filter((kind) => state[kind] !== undefined).join(', ')}</dd>
      </dl>
      <section aria-labelledby="network">
        <h2 id="network">Across a network</h2>
        ${table(
          'Stores across a network',
          ['Store', 'State', 'Outages', 'Gone in all'],
          [...stores].map(([name, { up, outages, goneMs }]) => [
            name,
            said(up, 'there', 'gone'),
            shownCount(outages),
            `${Math.round(goneMs / 1000)} s`,
          ]),
          'No store has been gone since this process began.',
        )}
      </section>
      <section aria-labelledby="log">
        <h2 id="log">The log</h2>
        <dl class="facts card">
          <dt>File</dt>
          <dd>
            ${audit.file === undefined ? 'none' : said(!audit.file.isFailing, 'is written', `cannot be written (${audit.file.error ?? ''})`)}
          </dd>
          <dt>Events lost</dt>
          <dd>${shownCount(audit.dropped + (audit.file?.lost ?? 0))}</dd>
          <dt>Index of the console</dt>
          <dd>
            ${said(error === undefined, 'is written', `takes nothing (${error ?? ''})`)};
            ${sizeOf(settings.index)}; ${shownCount(waiting)} waiting, ${shownCount(dropped)} left out
          </dd>
        </dl>
      </section>
      <section aria-labelledby="receivers">
        <h2 id="receivers">Receivers of the log and of alerts</h2>
        ${table(
          'Receivers',
          ['Receiver', 'State', 'Sent', 'Waiting', 'Refused', 'Lost'],
          receivers.map(([name, health]) => [
            shownText(name),
            said(!health.isFailing, 'takes records', `fails (${health.error ?? ''})`),
            shownCount(health.sent),
            `${shownCount(health.waitingBytes)} bytes`,
            shownCount(health.refused),
            shownCount(health.lost),
          ]),
          'None: the log stays here.',
        )}
      </section>`,
  );
}

function said(isWell: boolean, well: string, ill: string): Html {
  return isWell ? html`${well}` : html`<span class="badge critical">${shownText(ill)}</span>`;
}

function sizeOf(path: string): string {
  const bytes = path === ':memory:' ? undefined : statSync(path, { throwIfNoEntry: false })?.size;
  return bytes === undefined ? 'in memory' : showSize(Math.max(1, Math.round(bytes / 1024)) * 1024);
}
