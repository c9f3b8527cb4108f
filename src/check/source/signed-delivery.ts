/** What the rules about deliveries of others have in common, in whichever language. */
import type { SourceRule } from './source-rule.ts';

/** Names and texts that speak of a signature. */
export const SIGNED: RegExp = /(?:^|[^a-z])(?:sig|hmac|mac|v1)(?:$|[^a-z])|signature|x-hub|webhook/i;

/** What is told, and why. */
export const SIGNED_DELIVERY: Pick<SourceRule, 'title' | 'level' | 'guide' | 'asvs' | 'cwe' | 'why'> = {
  title: 'A delivery is judged by the bytes that came, and its signature in constant time',
  level: 'warning',
  guide: 6,
  asvs: ['v5.0.0-11.2.4 (in part)'],
  cwe: ['CWE-208', 'CWE-347'],
  why: 'A comparison that ends at the first wrong byte tells how much of a guess was right. A body that a parser made anew is another text than the one that was signed: what does not verify is then let pass by somebody.',
};

/** The mends that are the same for all of them. */
export const DELIVERY_MEND: { readonly bulwark: string; readonly flask: string } = {
  bulwark: `routes: {
  'POST /hooks/payments': { webhook: { scheme: 'stripe', secrets: [process.env.PAYMENTS_SECRET ?? ''] } },
},`,
  flask: `made = hmac.new(secret, request.get_data(), 'sha256').hexdigest()
if not hmac.compare_digest(made, request.headers.get('X-Signature', '')):
    abort(401)`,
};

/** A comparison that ends at the first wrong byte. */
export const COMPARED = 'a signature is compared byte by byte: the time tells how much of a guess was right';
/** A signature over another text than was signed. */
export const WRITTEN_ANEW =
  'a signature is made over a body that a parser has written anew, and not over what was sent';
