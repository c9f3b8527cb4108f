/** Text that is likely a secret by how it is written, where no form of a known key tells. */

/** Words for what nobody else may know, at the end of a name. */
export const SECRET_NAME: RegExp =
  /(?:^|[_.-]|(?<=[a-z\d])(?=[A-Z]))(?:secret(?:[_-]?key(?:[_-]?base)?)?|passw(?:or)?d|passphrase|pwd|(?:api|access|auth|private|signing|encryption|session|master|secret)[_-]?(?:key|token|secret)|token|credential)s?$/i;

/** Words that stand where a secret will. */
const PLACEHOLDER =
  /^(?:(?:please[_-]?)?change[_-]?(?:me|it|this)?(?:[_-].*)?|changeit|secret\d*|super[_-]?secret.*|my[_-]?secret.*|your[_-].*|some[_-].*|a[_-]?(?:very[_-])?(?:long[_-])?(?:random[_-])?secret.*|pass(?:word|wd)?\d*!?|passw0rd|admin\d*|administrator|root|toor|test(?:ing)?\d*|dev(?:elopment)?(?:[_-]?(?:secret|key|password))*|default|example|demo|qwerty\d*|letmein|welcome\d*|1234\d*|hunter2|keyboard[ _-]?cat|todo|fixme|replace[_-]?(?:me|this).*|insert[_-].*|none|null|x{3,}|\*{3,}|guest|user|postgres|mysql|redis|mongo|minio(?:admin)?|django-insecure-.*)$/i;

/** Whether a text is one of those that are tried first, or that a manual printed. */
export function isPlaceholder(text: string): boolean {
  return PLACEHOLDER.test(text.trim());
}

/** A value that is read from elsewhere: a variable, a template, a call, a file. */
const ELSEWHERE =
  /^(?:\$|%\(|%[A-Z]|\{\{|\{%|<|@|!|\(|\[|process\.env|os\.environ|env[.(:]|ENC\[|vault:|arn:|secret:\/\/|\/|\.{1,2}\/|file:|https?:)/;

/** Bits a letter, by how often each is there (Shannon). */
export function entropyOf(text: string): number {
  const times = new Map<string, number>();
  for (const letter of text) times.set(letter, (times.get(letter) ?? 0) + 1);
  let bits = 0;
  for (const count of times.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

/** Whether a text looks drawn and not written: long, of many letters, with digits among them and no words. */
export function looksDrawn(text: string): boolean {
  if (text.length < 16 || text.length > 200 || ELSEWHERE.test(text) || isPlaceholder(text)) return false;
  if (!/^[\w+/=.~!@#$%^&*:-]+$/.test(text) || !/\d/.test(text) || !/[A-Za-z]/.test(text)) return false;
  if (/example|sample|dummy|fake|test|placeholder|x{4}|1234567|abcdefg/i.test(text)) return false;
  // Dates, versions, addresses and names with hyphens are written by people.
  if (/^\d{4}-\d\d-\d\d|^v?\d+\.\d+\.\d+|^[a-z]+(?:[-_.:](?:[a-z]+|\d+)){2,}$/i.test(text)) return false;
  // `OS-OAUTH1:access_token`: each part is a word, with a number behind it at most.
  if (/^(?:[A-Z][a-z]+|[a-z]+|[A-Z]+)\d{0,2}(?:[-_.:/](?:[A-Z][a-z]+|[a-z]+|[A-Z]+)\d{0,2})+$/.test(text))
    return false;
  if (/^[+&?]|[+&=]{2}|\+$/.test(text)) return false;
  const hex = /^[0-9a-f]+$/i.test(text);
  return hex ? text.length >= 32 && entropyOf(text) > 3 : entropyOf(text) > 3.6;
}

/** Whether a value is written out, and no name of where it lies. */
export function isWrittenOut(text: string): boolean {
  return text.trim() !== '' && !ELSEWHERE.test(text.trim());
}
