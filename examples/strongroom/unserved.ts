/** The application as `bulwark routes` imports it: put together, and listening nowhere. */
import { bulwark } from 'bulwark/express';
import type { Express } from 'express';
import { makeApp } from './app.ts';
import policy from './bulwark.config.ts';
import { Pages } from './pages.ts';
import { openServices } from './services.ts';
import { readSettings } from './settings.ts';

const services = await openServices(readSettings(process.env));

/** Strongroom. Its policy is beside it, in `bulwark.config.ts`. */
export const app: Express = makeApp(bulwark(policy), { ...services, pages: new Pages() });
