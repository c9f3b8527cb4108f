import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DevelopmentMail } from './development-mail.ts';

test('keeps the last fifty mails, newest first, and shows each in the terminal', async () => {
  const shown: string[] = [];
  const mailbox = new DevelopmentMail((text) => void shown.push(text));
  for (let number = 1; number <= 53; number += 1) {
    await mailbox.send({ to: 'ann@example.com', subject: `Mail ${number}`, text: `Text ${number}` });
  }
  const subjects = mailbox.mails.map(({ subject }) => subject);
  assert.deepEqual(
    subjects,
    Array.from({ length: 50 }, (_, index) => `Mail ${53 - index}`),
  );
  assert.equal(shown.length, 53);
  assert.match(shown[0] ?? '', /ann@example\.com: Mail 1\n {2}\| Text 1/);
});
