/** Asks a tree that has the made-up control in it, and says in one line of JSON what it saw. Run there, not here. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { ruledPages } from '../../src/account-pages/account-pages.ts';
import { bulwark } from '../../src/adapters/node.ts';
import { RULES } from '../../src/check/rules.ts';
import { run } from '../../src/cli/main.ts';
import { PolicyError } from '../../src/core/errors.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { readStandardFromPage } from '../../tools/asvs.ts';
import { generateDocuments } from '../../tools/documents.ts';
import { fixedSecrets, TEST_SECRET } from '../support/secrets.ts';

const logged: string[] = [];
const policy: PolicyOptions = {
  environment: 'development',
  secrets: fixedSecrets(TEST_SECRET),
  state: memory(),
  audit: {
    sink: (_line, { event, guard }) => void (guard !== undefined && logged.push(event + ' ' + guard)),
  },
};

async function ask(more: object): Promise<{ readonly seen: object; readonly counted: unknown }> {
  const layer = bulwark({ ...policy, ...more });
  const server = layer.createServer(layer.handler((_request, response) => response.end('in')));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const answer = await fetch('http://127.0.0.1:' + (server.address() as AddressInfo).port + '/');
  const body = await answer.text();
  server.close();
  await layer.close();
  const type = answer.ok ? {} : { type: (JSON.parse(body) as { type: string }).type };
  const seen = { status: answer.status, ...type, isMarked: answer.headers.has('x-hours') };
  return { seen, counted: layer.counts.get('hours') };
}

function misspelt(): string {
  try {
    bulwark({ ...policy, ...({ hours: { clsoed: true } } as object) });
    return 'nothing';
  } catch (error) {
    return error instanceof PolicyError ? (error.problems[0]?.fix ?? '') : String(error);
  }
}

const open = await ask({});
const closed = await ask({ hours: { closed: true } });
/** What the made-up account page asks of a stranger, and whether it is among the pages. */
async function askPage(): Promise<{ readonly asksWho: number; readonly isListed: boolean }> {
  const layer = bulwark({ ...policy, audit: { sink: () => undefined }, accounts: {} });
  const server = layer.createServer(layer.handler((_request, response) => response.end('in')));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const answer = await fetch('http://127.0.0.1:' + port + '/account/greet', { redirect: 'manual' });
  server.close();
  await layer.close();
  return { asksWho: answer.status, isListed: ruledPages('').includes('GET /account/greet') };
}

let command = '';
const out = new Writable({
  write(chunk: Buffer, _encoding, done) {
    command += chunk.toString();
    done();
  },
});
await run(['greet'], { out, err: process.stderr });
const telling = ['hours_turned_away', 'closed-now', '## hours', 'hours.marked', 'csrf_tried'];
console.log(
  JSON.stringify({
    open: open.seen,
    closed: closed.seen,
    counted: closed.counted,
    logged,
    misspelt: misspelt(),
    rules: RULES.map(({ id }) => id).filter((id) => id.startsWith('hours.') || id.endsWith('.made-up')),
    documents: generateDocuments(readStandardFromPage(readFileSync('docs/asvs.md', 'utf8')))
      .filter(
        ({ path, text }) =>
          !path.startsWith('docs/reference/') && telling.some((word) => text.includes(word)),
      )
      .map(({ path }) => path),
    command,
    page: await askPage(),
  }),
);
