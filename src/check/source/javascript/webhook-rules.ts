/** Deliveries of others: what a signature is compared by, and over which bytes it is made. */
import { COMPARED, DELIVERY_MEND, SIGNED, SIGNED_DELIVERY, WRITTEN_ANEW } from '../signed-delivery.ts';
import type { SourceRule } from '../source-rule.ts';
import type { Expression, Scope } from './ast.ts';
import { type JavaScriptFile, lastName } from './javascript-file.ts';
import { javaScriptRule } from './javascript-rule.ts';
import { allOf, spelled } from './parts.ts';

const PARSED = /(?:^|\.)(?:req|request|ctx\.request|c\.req|event|context\.request)\.body$/;
const FIX = `const made = createHmac('sha256', secret).update(rawBody).digest();  // the bytes that came: express.raw({ type: '*/*' })
if (sent.length !== made.length || !timingSafeEqual(sent, made)) return response.sendStatus(401);`;

/** Rules about them. */
export const javaScriptWebhookRules: readonly SourceRule[] = [
  javaScriptRule({
    id: 'javascript.webhook-signature',
    ...SIGNED_DELIVERY,
    mend: {
      ...DELIVERY_MEND,
      express: `app.post('/hooks/payments', express.raw({ type: '*/*' }), (request, response) => {
  const made = createHmac('sha256', secret).update(request.body).digest();
  const sent = Buffer.from(request.get('x-signature') ?? '', 'hex');
  if (sent.length !== made.length || !timingSafeEqual(sent, made)) return response.sendStatus(401);
  response.sendStatus(204);
});`,
    },
    words: /createHmac/,
    look(file, say) {
      for (const scope of file.parsed.scopes) {
        for (const at of comparedIn(scope, file))
          say({
            at: { file: file.source, at },
            message: COMPARED,
            fix: FIX,
          });
      }
      for (const { call, scope } of file.calls('update')) {
        if (!isHmac(call.callee, scope, file)) continue;
        if (!isMadeAnew(call.args[0], scope, file)) continue;
        say({
          at: { file: file.source, at: call.at },
          message: WRITTEN_ANEW,
          fix: FIX,
        });
      }
    },
  }),
];

/** Where it ends at the first difference. */
function comparedIn(scope: Scope, file: JavaScriptFile): ReadonlySet<number> {
  const values = scope.assignments.map(({ value }) => value);
  const found = new Set<number>();
  for (const whole of [...scope.tests, ...scope.returns, ...values]) {
    for (const part of allOf(whole)) {
      if (part.kind !== 'binary' || !/^[!=]==?$/.test(part.operator)) continue;
      const { left, right } = part;
      const isCompared =
        (isDigest(left, scope, file) && isSent(right, scope, file)) ||
        (isDigest(right, scope, file) && isSent(left, scope, file));
      if (isCompared) found.add(part.at);
    }
  }
  return found;
}

/** What comes of an HMAC, in a text or alone. */
function isDigest(expression: Expression, scope: Scope, file: JavaScriptFile): boolean {
  const { value, scope: at } = file.valueOf(expression, scope);
  return [...allOf(value)].some((part) => {
    const followed = part === value ? { value, scope: at } : file.valueOf(part, at);
    const made = followed.value;
    return (
      made.kind === 'call' && lastName(made.callee) === 'digest' && isHmac(made.callee, followed.scope, file)
    );
  });
}

function isHmac(callee: Expression, scope: Scope, file: JavaScriptFile): boolean {
  return (file.path(callee, scope) ?? '').startsWith('crypto.createHmac()');
}

/** By what it is called, or by the header that it is. A digest is compared with others too, such as that of a cache. */
function isSent(expression: Expression, scope: Scope, file: JavaScriptFile): boolean {
  return [expression, file.valueOf(expression, scope).value].some((one) =>
    [...allOf(one)].some((part) =>
      part.kind === 'string'
        ? SIGNED.test(part.value)
        : SIGNED.test(part.kind === 'member' ? part.name : (spelled(part) ?? '')),
    ),
  );
}

/** `JSON.stringify(request.body)`. */
function isMadeAnew(given: Expression | undefined, scope: Scope, file: JavaScriptFile): boolean {
  if (given === undefined) return false;
  return [...allOf(file.valueOf(given, scope).value)].some(
    (part) =>
      part.kind === 'call' &&
      spelled(part.callee) === 'JSON.stringify' &&
      PARSED.test(spelled(part.args[0] ?? part) ?? ''),
  );
}
