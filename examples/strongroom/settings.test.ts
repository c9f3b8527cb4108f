import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSettings, SettingsError } from './settings.ts';
import { temporaryDirectory } from './testing/running.ts';

test('runs on this machine alone where nothing is said', () => {
  assert.deepEqual(readSettings({}), {
    port: 3000,
    host: '127.0.0.1',
    data: 'data/',
    databaseUrl: undefined,
    databaseDeadlineMs: 500,
    redisUrl: undefined,
    redisDeadlineMs: 75,
    smtpUrl: undefined,
    mailFrom: 'Strongroom <no-reply@localhost>',
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
      DATABASE_URL: 'postgres://strongroom:hunter2@db.internal:5432/strongroom?sslmode=verify-full',
      DATABASE_DEADLINE_MS: '2000',
      REDIS_URL: 'rediss://:hunter2@cache.internal:6379/0',
      SMTP_URL: 'smtps://u:hunter2@mail.internal',
      STRONGROOM_ORIGIN: 'https://files.example.com',
      STRONGROOM_TRUSTED_PROXIES: '10.0.0.1, 10.1.0.0/16,',
    }),
    {
      port: 8080,
      host: '0.0.0.0',
      data: '/var/lib/strongroom',
      databaseUrl: 'postgres://strongroom:hunter2@db.internal:5432/strongroom?sslmode=verify-full',
      databaseDeadlineMs: 2000,
      redisUrl: 'rediss://:hunter2@cache.internal:6379/0',
      redisDeadlineMs: 75,
      smtpUrl: 'smtps://u:hunter2@mail.internal',
      mailFrom: 'Strongroom <no-reply@files.example.com>',
      origin: 'https://files.example.com',
      trustedProxies: ['10.0.0.1', '10.1.0.0/16'],
    },
  );
});

test('takes an empty variable for an absent one', () => {
  assert.deepEqual(
    readSettings({ PORT: '', HOST: ' ', STRONGROOM_DATA: '', DATABASE_URL: '', REDIS_URL_FILE: '' }),
    readSettings({}),
  );
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

test('refuses a deadline that is none', () => {
  for (const DATABASE_DEADLINE_MS of ['0', '9', '-1', '1.5', '0.5s', '1000000', 'x']) {
    assert.throws(() => readSettings({ DATABASE_DEADLINE_MS }), /DATABASE_DEADLINE_MS is no number/);
  }
});

test('takes a URL from a file, where its password is in no list of processes', (t) => {
  const directory = temporaryDirectory();
  t.after(directory.remove);
  const file = join(directory.path, 'url');
  writeFileSync(file, 'postgresql:///strongroom?host=/run/postgresql\n');
  const { databaseUrl } = readSettings({ DATABASE_URL_FILE: file });
  assert.equal(databaseUrl, 'postgresql:///strongroom?host=/run/postgresql');
  writeFileSync(file, 'redis://:hunter2@localhost');
  assert.equal(readSettings({ REDIS_URL_FILE: file }).redisUrl, 'redis://:hunter2@localhost');
});

test('refuses what is no URL of its kind, names the variable and the fix, and never its value', (t) => {
  const directory = temporaryDirectory();
  t.after(directory.remove);
  const file = join(directory.path, 'hunter2');
  writeFileSync(file, 'mysql://u:hunter2@host/name');
  const wrong: Readonly<Record<string, readonly string[]>> = {
    DATABASE_URL: [
      'hunter2',
      'mysql://u:hunter2@host/name',
      'postgres://u:hunter2@host',
      'postgres://u:hunter2@host/',
      'postgres:///name',
      'postgres://u:hun#ter2@host/name',
      'postgres://u:hun/ter2@host/name',
    ],
    SMTP_URL: ['hunter2', 'https://u:hunter2@host', 'smtp://', 'mailto:hunter2@host'],
    REDIS_URL: ['hunter2', 'http://u:hunter2@host', 'redis://', 'postgres://u:hunter2@host/name'],
    DATABASE_URL_FILE: [file, join(directory.path, 'no-hunter2')],
    REDIS_URL_FILE: [file, directory.path],
    SMTP_URL_FILE: [file, directory.path],
  };
  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values) {
      assert.throws(
        () => readSettings({ [name]: value }),
        (error) => {
          assert.ok(error instanceof SettingsError, `${name}=${value}`);
          assert.ok(error.message.includes(name) && !/hun.?ter2/.test(error.message), error.message);
          return true;
        },
        value,
      );
    }
  }
});

test('refuses a variable and its file together: nobody could say which one holds', () => {
  const both = { DATABASE_URL: 'postgres://u:hunter2@host/name', DATABASE_URL_FILE: '/run/secrets/database' };
  assert.throws(() => readSettings(both), /DATABASE_URL and DATABASE_URL_FILE are both set/);
});
