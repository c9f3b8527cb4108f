/** The application as `bulwark routes` imports it: put together, and listening nowhere. */
import { loadPolicy } from 'bulwark';
import { bulwark } from 'bulwark/express';
import type { Express } from 'express';
import { makeApp } from './app.ts';
import options from './bulwark.config.ts';
import { openRecords } from './open-records.ts';
import { Pages } from './pages.ts';
import { readSettings } from './settings.ts';

const settings = readSettings(process.env);
const policy = await loadPolicy(options);
const layer = bulwark(policy);
const { notes } = await openRecords(settings);

/** Strongroom. Its policy is beside it, in `bulwark.config.ts`. */
export const app: Express = makeApp(layer, policy, { notes, pages: new Pages() });
