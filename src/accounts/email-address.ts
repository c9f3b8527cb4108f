/** Email addresses: one reading, and one spelling that an account is found by. */
import { domainToASCII } from 'node:url';
import { foldAccountName } from '../controls/rate-limit/account-name.ts';

/** An address someone can be reached at. */
export interface EmailAddress {
  /** What mails go to and pages show: as it was written, with its domain in ASCII. */
  readonly shown: string;
  /** What all spellings of one address have in common. */
  readonly key: string;
}

const MAX_EMAIL_LENGTH = 254;
const MAX_LOCAL_LENGTH = 64;
/** In UTF-16 units. What is typed may be anything. */
const MAX_NAME_LENGTH = 320;
// RFC 5321 dot-atom. ASCII alone: two accounts whose names look or fold alike are how one takes over the other
// (CVE-2019-19844). Each class is followed by a character outside it, so that matching takes linear time.
const LOCAL_PART = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$/;
const IGNORABLE = /\p{Default_Ignorable_Code_Point}/u;
// Whatever else stands in a domain, URL parsing decodes, drops or ends at, and the rest would still be mailed.
const DOMAIN = /^[\p{L}\p{N}\p{M}.-]+$/u;
const DOMAIN_LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;
// 127.1 and 0x7f.1 are addresses of machines, spelt oddly.
const NUMBER = /^\d+$/;

/**
 * Reads an address. Case and surrounding blanks tell no two apart; a domain may be written in any script. Undefined
 * where it is none that mail can be sent to.
 */
export function parseEmailAddress(text: string): EmailAddress | undefined {
  const written = text.trim();
  const at = written.lastIndexOf('@');
  if (written.length > MAX_EMAIL_LENGTH || at < 1 || at > MAX_LOCAL_LENGTH) return undefined;
  // Soft hyphens and their like vanish in a domain: an address has one spelling, not one for each place to put one.
  if (IGNORABLE.test(written)) return undefined;
  const local = written.slice(0, at);
  const domainAsWritten = written.slice(at + 1);
  if (!DOMAIN.test(domainAsWritten)) return undefined;
  const domain = domainToASCII(domainAsWritten);
  const labels = domain.split('.');
  if (!LOCAL_PART.test(local) || labels.length < 2) return undefined;
  if (!labels.every((label) => DOMAIN_LABEL.test(label)) || NUMBER.test(labels.at(-1) ?? ''))
    return undefined;
  return { shown: `${local}@${domain}`, key: `${local.toLowerCase()}@${domain}` };
}

/** What tries are counted by: the one spelling of an address, or of whatever else was typed. */
export function nameOf(email: string): string {
  return parseEmailAddress(email)?.key ?? foldAccountName(email.slice(0, MAX_NAME_LENGTH));
}
