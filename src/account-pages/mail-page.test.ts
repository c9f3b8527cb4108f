import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DevelopmentMail } from '../accounts/mail/development-mail.ts';
import { Wording } from '../accounts/words/wording.ts';
import { WORDS } from '../accounts/words/words.ts';
import { mailPage } from './mail-page.ts';

async function shown(text: string): Promise<string> {
  const mailbox = new DevelopmentMail(() => undefined);
  await mailbox.send({ to: 'ann@example.com', subject: 'Hello', text });
  const answer = mailPage(mailbox, new Wording('en', WORDS.en));
  assert.ok(answer.kind === 'page');
  return answer.body.text;
}

test('a link leads to its path on this server', async () => {
  const page = await shown('Open https://example.com/reset/confirm?token=abc now');
  assert.match(page, /Open <a href="\/reset\/confirm\?token=abc">https:\/\/example\.com\/reset.*<\/a> now/);
});

test('what only looks like an address is shown as text, and what is around it too', async () => {
  const texts = ['http://[', 'https://exa%zzmple/', 'http://a:b:c/d', 'https://example.com:99999/'];
  for (const text of texts) {
    const page = await shown(`one ${text} two https://example.com/three four`);
    assert.ok(page.includes(`one ${text} two <a href="/three">`), text);
    assert.match(page, /<\/a> four/);
  }
});

test('v5.0.0-1.2.2 (in part) a link never leads to another host', async () => {
  for (const path of ['//evil.example/', String.raw`\\evil.example/`, '/\\/evil.example']) {
    assert.match(await shown(`https://example.com/${path}`), /href="\/evil\.example/);
  }
});
