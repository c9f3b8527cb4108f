/**
 * The suite that every store passes. Run it with node:test against your own:
 *
 * ```ts
 * import { storeConformance } from 'bulwark/testing';
 * storeConformance('my store', () => openMyStore());
 * ```
 */
import { describe } from 'node:test';
import { actRequestConformance } from './conformance/accounts-act-requests.ts';
import { stayConformance } from './conformance/accounts-stays.ts';
import { activityConformance } from './conformance/accounts-activity.ts';
import { apiTokenConformance } from './conformance/accounts-api-tokens.ts';
import { accountChangeConformance } from './conformance/accounts-changes.ts';
import { guessConformance } from './conformance/accounts-guesses.ts';
import { identityConformance } from './conformance/accounts-identities.ts';
import {
  illFormedAccountConformance,
  illFormedFactorConformance,
  illFormedSessionConformance,
} from './conformance/ill-formed.ts';
import { knownBrowserConformance } from './conformance/accounts-known-browsers.ts';
import { mailTokenConformance } from './conformance/accounts-mail-tokens.ts';
import { outboxConformance } from './conformance/accounts-outbox.ts';
import { accountRecordConformance } from './conformance/accounts-records.ts';
import { accountRemovalConformance } from './conformance/accounts-removal.ts';
import { counterConformance } from './conformance/counters.ts';
import { fileBytesTests, type OpenFileBytes } from './conformance/file-bytes.ts';
import { partialFileConformance } from './conformance/files-partial.ts';
import { fileRowConformance } from './conformance/files-rows.ts';
import { fileShareConformance } from './conformance/files-shares.ts';
import { rememberedBrowserConformance } from './conformance/remembered-browsers.ts';
import { lifeConformance } from './conformance/lives.ts';
import { passkeyConformance } from './conformance/passkeys.ts';
import { raceConformance } from './conformance/races.ts';
import { recordConformance } from './conformance/records.ts';
import { recoveryCodeConformance } from './conformance/recovery-codes.ts';
import { reportConformance } from './conformance/reports.ts';
import type { OpenState, StoreTraits } from './conformance/support.ts';
import { sessionCapConformance } from './conformance/session-caps.ts';
import { tokenConformance } from './conformance/tokens.ts';
import { replacementConformance } from './conformance/replacements.ts';
import { totpConformance } from './conformance/totp.ts';

/**
 * Registers the suite.
 *
 * @param open - makes an empty state; it is closed at the end of each test
 * @param traits - what a store does its own way
 */
export function storeConformance(name: string, open: OpenState, traits: StoreTraits = {}): void {
  describe(`${name} as a store`, () => {
    recordConformance(open);
    lifeConformance(open, traits);
    raceConformance(open);
    replacementConformance(open, traits);
    sessionCapConformance(open);
    tokenConformance(open, traits);
    counterConformance(open, traits);
    illFormedSessionConformance(open);
  });
}

/**
 * Registers the suite for stores that keep second factors as well.
 *
 * @param open - makes an empty state; it is closed at the end of each test
 */
export function factorStoreConformance(name: string, open: OpenState): void {
  describe(`${name} as a store of second factors`, () => {
    totpConformance(open);
    recoveryCodeConformance(open);
    passkeyConformance(open);
    rememberedBrowserConformance(open);
    illFormedFactorConformance(open);
  });
}

/**
 * Registers the suite for stores that keep accounts as well.
 *
 * @param open - makes an empty state; it is closed at the end of each test
 */
export function accountStoreConformance(name: string, open: OpenState): void {
  describe(`${name} as a store of accounts`, () => {
    accountRecordConformance(open);
    accountChangeConformance(open);
    accountRemovalConformance(open);
    mailTokenConformance(open);
    outboxConformance(open);
    guessConformance(open);
    knownBrowserConformance(open);
    activityConformance(open);
    identityConformance(open);
    apiTokenConformance(open);
    actRequestConformance(open);
    stayConformance(open);
    illFormedAccountConformance(open);
  });
}

/**
 * Registers the suite for stores that keep rows of files as well.
 *
 * @param open - makes an empty state; it is closed at the end of each test
 */
export function fileStoreConformance(name: string, open: OpenState): void {
  describe(`${name} as a store of files`, () => {
    fileRowConformance(open);
    partialFileConformance(open);
    fileShareConformance(open);
  });
}

/**
 * Registers the suite for stores that keep reports of browsers as well.
 *
 * @param open - makes an empty state; it is closed at the end of each test
 */
export function reportStoreConformance(name: string, open: OpenState): void {
  describe(`${name} as a store of reports`, () => reportConformance(open));
}

/**
 * Registers the suite for places where the bytes of files lie.
 *
 * @param open - makes an empty place
 */
export function fileBytesConformance(name: string, open: OpenFileBytes): void {
  describe(`${name} as a place for files`, () => fileBytesTests(open));
}
