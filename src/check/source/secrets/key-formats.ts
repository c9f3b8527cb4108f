/** What keys of well-known services look like, as their makers publish it, and whether one can be one. */
import { FURTHER_KEY_FORMATS, FURTHER_KEY_MARKS } from './further-key-formats.ts';
import { crcFits, isPypiToken, jwtOf } from './verify-keys.ts';

/** Whether what has the form of a key is one: by a checksum or by what is in it, by its form alone, or not at all. */
export type Verdict = 'proved' | 'form' | 'no';

/** One kind of key. */
export interface KeyFormat {
  /** What to call it in a sentence: `a token of GitHub`. */
  readonly name: string;
  /** What an environment variable for it is called. */
  readonly variable: string;
  /** Global, with bounds. The key is the group `key`, or all of it. */
  readonly pattern: RegExp;
  readonly judge?: (key: string) => Verdict;
  /** Opens nothing that is worth money or data by itself: a key for tests, or one that pages of browsers hold. */
  readonly mild?: (key: string) => boolean;
}

const form = (): Verdict => 'form';

/** In the order of how sure they are: of two that fit the same text, the first is told of. */
export const KEY_FORMATS: readonly KeyFormat[] = [
  {
    name: 'a token of GitHub',
    variable: 'GITHUB_TOKEN',
    pattern: /\bgh[pousr]_[A-Za-z0-9]{36}\b/g,
    // GitHub's own: the last six digits are a checksum of those before (github.blog, "Behind GitHub's new token formats").
    judge: (key) => (crcFits(key) ? 'proved' : 'no'),
  },
  {
    name: 'a fine-grained token of GitHub',
    variable: 'GITHUB_TOKEN',
    pattern: /\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b/g,
  },
  {
    name: 'a token of npm',
    variable: 'NPM_TOKEN',
    pattern: /\bnpm_[A-Za-z0-9]{36}\b/g,
    judge: (key) => (crcFits(key) ? 'proved' : 'form'),
  },
  {
    name: 'a token of PyPI',
    variable: 'PYPI_TOKEN',
    pattern: /\bpypi-AgE[\w-]{50,400}/g,
    judge: (key) => (isPypiToken(key) ? 'proved' : 'no'),
  },
  {
    name: 'a secret key of AWS',
    variable: 'AWS_SECRET_ACCESS_KEY',
    pattern:
      /aws.{0,20}?(?:secret|private).{0,20}?["'=:\s](?<key>(?=[A-Za-z0-9/+]{0,39}[0-9])[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/gi,
  },
  {
    name: 'an access key id of AWS',
    variable: 'AWS_ACCESS_KEY_ID',
    pattern: /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b/g,
  },
  {
    name: 'a key of Stripe',
    variable: 'STRIPE_KEY',
    pattern: /\b(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{20,120}\b/g,
    mild: (key) => key.includes('_test_'),
  },
  {
    name: 'a signing secret of webhooks of Stripe',
    variable: 'STRIPE_WEBHOOK_SECRET',
    pattern: /\bwhsec_[A-Za-z0-9]{32,64}\b/g,
  },
  {
    name: 'a token of Slack',
    variable: 'SLACK_TOKEN',
    pattern:
      /\b(?:xox[bp]-\d{10,13}-\d{10,13}(?:-\d{10,13})?-[A-Za-z0-9]{24,34}|xapp-\d-[A-Z0-9]{8,14}-\d{10,16}-[a-z0-9]{60,70})\b/g,
  },
  {
    name: 'an address of a Slack webhook',
    variable: 'SLACK_WEBHOOK',
    pattern: /\bhooks\.slack\.com\/services\/T[A-Z0-9]{8,12}\/B[A-Z0-9]{8,12}\/(?<key>[A-Za-z0-9]{24})\b/g,
  },
  {
    name: 'a key of a Google API',
    variable: 'GOOGLE_API_KEY',
    pattern: /\bAIza[\w-]{35}(?![\w-])/g,
    // Those of maps and of Firebase stand in pages, by design.
    mild: () => true,
  },
  {
    name: 'a client secret of Google',
    variable: 'GOOGLE_CLIENT_SECRET',
    pattern: /\bGOCSPX-[\w-]{28}(?![\w-])/g,
  },
  {
    name: 'a token of GitLab',
    variable: 'GITLAB_TOKEN',
    pattern: /\bgl(?:pat|dt|ptt|rt)-[\w-]{20,64}(?![\w-])/g,
  },
  {
    name: 'a key of SendGrid',
    variable: 'SENDGRID_KEY',
    pattern: /\bSG\.[\w-]{22}\.[\w-]{43}(?![\w-])/g,
  },
  {
    name: 'a key of OpenAI',
    variable: 'OPENAI_API_KEY',
    pattern: /\bsk-(?:proj-|svcacct-|admin-)?[\w-]{20,90}T3BlbkFJ[\w-]{20,90}/g,
  },
  {
    name: 'a key of Anthropic',
    variable: 'ANTHROPIC_API_KEY',
    pattern: /\bsk-ant-[a-z]{3,5}\d{2}-[\w-]{80,120}/g,
  },
  {
    name: 'a token of Docker Hub',
    variable: 'DOCKER_TOKEN',
    pattern: /\bdckr_(?:pat|oat)_[\w-]{27,32}(?![\w-])/g,
  },
  {
    name: 'a token of DigitalOcean',
    variable: 'DIGITALOCEAN_TOKEN',
    pattern: /\bdo[opr]_v1_[a-f0-9]{64}\b/g,
  },
  {
    name: 'a token of Shopify',
    variable: 'SHOPIFY_TOKEN',
    pattern: /\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}\b/g,
  },
  { name: 'a token of Hugging Face', variable: 'HF_TOKEN', pattern: /\bhf_[A-Za-z]{34}\b/g },
  {
    name: 'a token of a Telegram bot',
    variable: 'TELEGRAM_TOKEN',
    pattern: /\b\d{8,10}:AA[\w-]{33}(?![\w-])/g,
  },
  { name: 'a token of Vault', variable: 'VAULT_TOKEN', pattern: /\bhvs\.[\w-]{90,120}(?![\w-])/g },
  {
    name: 'a key of Azure Storage',
    variable: 'AZURE_STORAGE_KEY',
    pattern: /\bAccountKey=(?<key>[A-Za-z0-9+/]{86}==)/g,
  },
  {
    name: 'a secret key of age',
    variable: 'AGE_KEY',
    pattern: /\bAGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}\b/g,
  },
  {
    name: 'a signed token (JWT)',
    variable: 'SERVICE_TOKEN',
    pattern: /\beyJ[\w-]{10,600}\.eyJ[\w-]{10,3000}\.[\w-]{16,800}/g,
    judge: (key) => (jwtOf(key) === undefined ? 'no' : 'form'),
    // Whoever finds one that has ended learns what stands in it, and no more.
    mild: (key) => jwtOf(key)?.ended !== false,
  },
];

const MARKS =
  /gh[pousr]_|github_pat_|npm_|pypi-AgE|aws|AKIA|ASIA|ABIA|ACCA|[sr]k_(?:live|test)_|whsec_|xox[bp]-|xapp-|hooks\.slack\.com|AIza|GOCSPX-|gl(?:pat|dt|ptt|rt)-|SG\.|sk-|dckr_|do[opr]_v1_|shp(?:at|ca|pa|ss)_|hf_|:AA|hvs\.|AccountKey=|AGE-SECRET-KEY|eyJ|PRIVATE KEY/;

/** What every one of these begins with: without any, nobody looks further. */
export const KEY_MARKS: RegExp = new RegExp(`${MARKS.source}|${FURTHER_KEY_MARKS.source}`, 'i');

/** A key that was found in a text. */
export interface FoundKey {
  readonly format: Pick<KeyFormat, 'name' | 'variable'>;
  /** Where it begins, in UTF-16 units. */
  readonly at: number;
  /** The key itself: for comparing, never for a report. */
  readonly key: string;
  readonly verdict: Exclude<Verdict, 'no'>;
  readonly mild: boolean;
}

const EVERY_FORMAT: readonly KeyFormat[] = [...KEY_FORMATS, ...FURTHER_KEY_FORMATS];
const MOST_OF_A_KIND = 200;
/** Letters and digits that nobody has drawn: examples of manuals, and lines of one letter. */
const MADE_UP =
  /EXAMPLE|example|XXXX|xxxx|0{8}|1234567|abcdef(?:gh|12)|(?<one>.)\k<one>{6}|(?:your|fake|dummy|placeholder|redacted|changeme)/i;

/** The keys in a text, in the order of their places. */
export function keysIn(text: string): readonly FoundKey[] {
  if (!KEY_MARKS.test(text)) return [];
  const found = new Map<number, FoundKey>();
  for (const { name, variable, pattern, judge = form, mild } of EVERY_FORMAT) {
    let left = MOST_OF_A_KIND;
    for (const match of text.matchAll(pattern)) {
      left -= 1;
      if (left < 0) break;
      const key = match.groups?.['key'] ?? match[0];
      const at = match.index + match[0].indexOf(key);
      const verdict = judge(key);
      if (verdict === 'no' || found.has(at) || (verdict === 'form' && looksMadeUp(key))) continue;
      found.set(at, { format: { name, variable }, at, key, verdict, mild: mild?.(key) === true });
    }
  }
  return [...found.values()].toSorted((one, other) => one.at - other.at);
}

/** Whether a text is a word for a key rather than one: of what is drawn, hardly a tenth has so few letters. */
function looksMadeUp(key: string): boolean {
  if (MADE_UP.test(key.slice(0, 120))) return true;
  return new Set(key.slice(4)).size < Math.min(9, key.length / 3);
}
