/** Every page of the console, in the order of its navigation. To add one, add its line here. */
import type { ConsoleHandler, ConsolePage } from './console-page.ts';
import { accountsPages } from './accounts-page.ts';
import { alertsPages } from './alerts-page.ts';
import { eventsPages } from './events-page.ts';
import { guardsPages } from './guards-page.ts';
import { livePages } from './live-page.ts';
import { overviewPages } from './overview-page.ts';
import { policyPages } from './policy-page.ts';
import { reportsPages } from './reports-page.ts';
import { storesPages } from './stores-page.ts';
import { storyPages } from './story-page.ts';
import { stylePages } from './style-page.ts';

export const CONSOLE_PAGES: readonly ConsolePage[] = [
  overviewPages,
  eventsPages,
  storyPages,
  livePages,
  accountsPages,
  alertsPages,
  reportsPages,
  guardsPages,
  policyPages,
  storesPages,
  stylePages,
];

/** What answers `METHOD /path` below the base. */
export const CONSOLE_ROUTES: ReadonlyMap<string, ConsoleHandler> = new Map(
  CONSOLE_PAGES.flatMap(({ routes }) => Object.entries(routes)),
);
