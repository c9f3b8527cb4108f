/** Guards: how each is run, how often it refused or would have, and what to write for one that only observes to hold. */
import type { FoundEvent } from '../audit/reading/event-filter.ts';
import { ALL_CONTROLS } from '../policy/controls.ts';
import { html, type Html } from '../ui/html.ts';
import {
  type ConsoleAnswer,
  type ConsoleContext,
  type ConsolePage,
  type ConsoleRequest,
  page,
} from './console-page.ts';
import { observedBy, refusedBy } from './event-feed.ts';
import { eventTable } from './event-rows.ts';
import { searchEvents } from './event-search.ts';
import { shownCount, table } from './shown.ts';

/** What holds, and what only looks on. */
export const guardsPages: ConsolePage = {
  link: { path: '/guards', label: 'Guards' },
  routes: { 'GET /guards': showGuards },
};

const DAY = 86_400_000;
const DAYS = 30;
const SAMPLES = 5;

async function showGuards(context: ConsoleContext, { at, now }: ConsoleRequest): Promise<ConsoleAnswer> {
  const { figures, feed, parts } = context;
  feed.work(now);
  const days = figures.last(DAY, DAYS, now);
  const sum = (name: string): number =>
    days.reduce((total, { counts }) => total + (counts.get(name) ?? 0), 0);
  const guards = [...parts.layer.modes].map(([name, mode]) => ({
    name,
    mode,
    refused: sum(refusedBy(name)),
    observed: sum(observedBy(name)),
  }));
  const observing = guards.filter(({ mode }) => mode === 'observe');
  const sections: Html[] = [];
  for (const { name, observed } of observing)
    sections.push(observingGuard(name, observed, await samplesOf(context, name), at));
  return page(
    'Guards',
    html`<h1>Guards</h1>
      <p>
        ${observing.length === 0 ? 'Every guard holds that is not off.' : `${observing.length} only observe: what they would have refused was let pass.`}
        Numbers are of the last ${DAYS} days.
      </p>
      ${sections} ${observing.length > 1 && together(observing.map(({ name }) => name))}
      <section aria-labelledby="every">
        <h2 id="every">Every guard, in its order</h2>
        ${table(
          'Every guard, in its order',
          ['Guard', 'Mode', 'Refused', 'Would have refused or changed'],
          guards.map(({ name, mode, refused, observed }) => [
            html`<a href="${at('/events', { guard: name })}">${name}</a>`,
            mode === 'enforce' ? mode : html`<span class="badge warn">${mode}</span>`,
            shownCount(refused),
            shownCount(observed),
          ]),
        )}
      </section>`,
  );
}

function observingGuard(
  name: string,
  observed: number,
  samples: readonly FoundEvent[],
  at: ConsoleRequest['at'],
): Html {
  const section = sectionOf(name);
  return html`<section aria-labelledby="g-${name}">
    <h2 id="g-${name}">${name} only observes</h2>
    <p>
      It would have refused or changed something ${shownCount(observed)}
      ${observed === 1 ? 'time' : 'times'}.${observed === 0 && ' Has it seen real traffic? Then it can hold.'}
      ${observed > 0 && html`<a href="${at('/events', { guard: name })}">What that was</a>`}
    </p>
    ${samples.length > 0 && eventTable(`What ${name} would have done, newest first`, samples, at)}
    ${
      section === undefined
        ? html`<p>It is one of the application: its mode stands where it is made.</p>`
        : html`<p>
              To have it hold, write into the
              policy${name === 'csp' && html`, once <code>bulwark csp status</code> says that it is ready`}:
            </p>
            <pre tabindex="0">${policyText([section])}</pre>`
    }
  </section>`;
}

function together(names: readonly string[]): Html {
  const sections = [...new Set(names.flatMap((name) => sectionOf(name) ?? []))];
  return html`<section aria-labelledby="all-of-them">
    <h2 id="all-of-them">All of them at once</h2>
    <pre tabindex="0">${policyText(sections)}</pre>
  </section>`;
}

function policyText(sections: readonly string[]): string {
  return sections.map((section) => `${section}: { mode: 'enforce' },`).join('\n');
}

async function samplesOf(context: ConsoleContext, guard: string): Promise<readonly FoundEvent[]> {
  const { events } = await searchEvents(context, { guard }, SAMPLES * 10);
  return events
    .filter(({ event: { mode, details } }) => mode === 'observe' || details?.['observed'] === true)
    .slice(0, SAMPLES);
}

/** The section of the policy that has the mode of a guard. Undefined: it is none of ours. */
export function sectionOf(guard: string): string | undefined {
  const [, control] = ALL_CONTROLS.find(([, { guards = [] }]) => guards.includes(guard)) ?? [];
  const sections = Object.entries(
    (control?.sections ?? {}) as Readonly<Record<string, { readonly table: object }>>,
  );
  const withMode = sections.filter(([, { table: options }]) => 'mode' in options).map(([name]) => name);
  return withMode.find((name) => name === guard) ?? withMode[0];
}
