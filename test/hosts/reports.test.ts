/** Reports of browsers, on every host: taken before sessions and csrf, whatever the application behind is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, type RawRequest, valueOf } from '../../src/testing/wire.ts';
import { WITH_WEB } from './every-host.ts';

const POLICY = { csp: { mode: 'observe' }, reports: { path: '/csp-reports' } } as const;

for (const [name, host] of Object.entries(WITH_WEB))
  test(`${name}: pages say where, and what a browser posts there is counted and told`, async () => {
    const { port, events, stop } = await host(POLICY);
    let stopped = false;
    try {
      const page = await ask(port, { headers: { accept: 'text/html' } });
      const policy = valueOf(page, 'content-security-policy-report-only') ?? '';
      const [, place = ''] = /report-uri (\/csp-reports\?v=[\w-]{10})/.exec(policy) ?? [];
      const report: RawRequest = {
        method: 'POST',
        target: place,
        headers: {
          'content-type': 'application/csp-report',
          'sec-fetch-site': 'same-origin',
          'sec-fetch-mode': 'no-cors',
          'sec-fetch-dest': 'report',
        },
        body: JSON.stringify({
          'csp-report': {
            'document-uri': 'https://example.com/notes?mail=ann',
            'effective-directive': 'img-src',
            'blocked-uri': 'https://images.example/a.png',
            disposition: 'report',
          },
        }),
      };
      const taken = await ask(port, report);
      assert.deepEqual([taken.status, taken.body, valueOf(taken, 'set-cookie')], [204, '', undefined]);
      await stop();
      stopped = true;
      const told = events.filter(({ event }) => event === 'sys_browser_report');
      assert.deepEqual(
        told.map(({ details }) => [details?.['page'], details?.['blocked']]),
        [['/notes', 'https://images.example']],
      );
    } finally {
      if (!stopped) await stop();
    }
  });
