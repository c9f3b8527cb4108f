import type { Page } from 'playwright-core';

/** What a page complains of from now on: errors that the console tells, and those that its script does not catch. */
export function complaintsOf(page: Page): readonly string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    // No icon is none of the policy's doing.
    if (message.type() === 'error' && !message.location().url.endsWith('.ico'))
      complaints.push(`${message.location().url} ${message.text()}`);
  });
  page.on('pageerror', ({ message }) => complaints.push(message));
  return complaints;
}
