import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings, SettingsError } from './settings.ts';

test('runs on this machine alone where nothing is said', () => {
  assert.deepEqual(readSettings({}), {
    port: 3000,
    host: '127.0.0.1',
    data: 'data/',
    origin: 'http://localhost:3000',
    trustedProxies: [],
  });
});

test('reads what is said', () => {
  assert.deepEqual(
    readSettings({
      PORT: '8080',
      HOST: '0.0.0.0',
      STRONGROOM_DATA: '/var/lib/strongroom',
      STRONGROOM_ORIGIN: 'https://files.example.com',
      STRONGROOM_TRUSTED_PROXIES: '10.0.0.1, 10.1.0.0/16,',
    }),
    {
      port: 8080,
      host: '0.0.0.0',
      data: '/var/lib/strongroom',
      origin: 'https://files.example.com',
      trustedProxies: ['10.0.0.1', '10.1.0.0/16'],
    },
  );
});

test('takes an empty variable for an absent one', () => {
  assert.deepEqual(readSettings({ PORT: '', HOST: ' ', STRONGROOM_DATA: '' }), readSettings({}));
});

test('declares no origin on a port the system chooses', () => {
  assert.equal(readSettings({ PORT: '0' }).origin, undefined);
});

test('refuses what is no port, and names the variable and the fix', () => {
  for (const PORT of ['http', '-1', '65536', '3000.5', '0x50', '3000 ;', '999999']) {
    assert.throws(
      () => readSettings({ PORT }),
      (error) => error instanceof SettingsError && /PORT.*PORT=3000 npm start/.test(error.message),
    );
  }
});
