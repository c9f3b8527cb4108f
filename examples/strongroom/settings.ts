/** What the environment says, read once and refused with a line that tells the fix. */

/** Where and how Strongroom runs. */
export interface Settings {
  /** 0 lets the system choose. */
  readonly port: number;
  readonly host: string;
  /** The directory of every database. */
  readonly data: string;
  /** The origin people type. Undefined: whatever loopback address the browser uses, for tests on a port of no one's choosing. */
  readonly origin: string | undefined;
  /** Addresses and networks of proxies whose `X-Forwarded-*` headers are believed. */
  readonly trustedProxies: string[];
}

/** Something in the environment cannot be right. The message names the variable and the fix, not the value. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/**
 * Reads `PORT`, `HOST`, `STRONGROOM_DATA`, `STRONGROOM_ORIGIN` and `STRONGROOM_TRUSTED_PROXIES`. An empty variable
 * is an absent one, as container platforms write it.
 *
 * @throws SettingsError where a value is none of its kind
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const port = readPort(given(env.PORT));
  return {
    port,
    host: given(env.HOST) ?? '127.0.0.1',
    data: given(env.STRONGROOM_DATA) ?? 'data/',
    origin: given(env.STRONGROOM_ORIGIN) ?? (port === 0 ? undefined : `http://localhost:${port}`),
    trustedProxies: (env.STRONGROOM_TRUSTED_PROXIES ?? '')
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
  };
}

function given(value: string | undefined): string | undefined {
  const text = value?.trim();
  return text === '' ? undefined : text;
}

function readPort(text: string | undefined): number {
  if (text === undefined) return 3000;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(port) || port > 65_535) {
    throw new SettingsError(
      'PORT is not a port number. Write one from 1 to 65535, such as PORT=3000 npm start',
    );
  }
  return port;
}
