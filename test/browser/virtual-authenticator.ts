/** A passkey provider of Chromium's own, as a phone or a laptop has one. */
import type { BrowserContext, CDPSession, Page } from 'playwright-core';

/** One that is there, and what it is driven by. */
export interface VirtualAuthenticator {
  readonly devtools: CDPSession;
  readonly authenticatorId: string;
}

/** Adds one to a page. */
export async function addAuthenticator(context: BrowserContext, page: Page): Promise<VirtualAuthenticator> {
  const devtools = await context.newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      // Whether it is touched is up to each test: one that always is answers the autofill before anyone looks.
      automaticPresenceSimulation: false,
    },
  });
  return { devtools, authenticatorId };
}
