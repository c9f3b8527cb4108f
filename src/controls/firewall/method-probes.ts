/** How `check` finds out which methods are answered. */
import { type Answer, answered, headerOf, shapeOf } from '../../core/answer.ts';
import { fellShort, held, notSeen, type Outcome, type RuleContext } from '../../core/rule.ts';

const METHODS_FIX = 'list the methods you serve, refuse others';

/** TRACE sends back what it was sent, cookies and all. */
export async function checkTrace({ ask, askOnce }: RuleContext): Promise<Outcome> {
  const mark = 'bulwark-check-trace';
  const answer = await ask({ method: 'TRACE', headers: { 'x-bulwark-check': mark } });
  if (answer.status < 300 && answer.body.includes(mark)) {
    return fellShort('error', 'TRACE sends back what it was sent', answered(answer), METHODS_FIX);
  }
  return refusalOf(answer, await askOnce());
}

/** A method of WebDAV. */
export async function checkUnusedMethod({ ask, askOnce }: RuleContext): Promise<Outcome> {
  const answer = await ask({ method: 'PROPFIND' });
  if (answer.status === 405 && headerOf(answer, 'allow') === undefined) {
    return fellShort(
      'note',
      'a 405 does not say which methods are allowed',
      `${answered(answer)} without Allow`,
      'send Allow with every 405 (RFC 9110 15.5.6)',
    );
  }
  return refusalOf(answer, await askOnce());
}

/** An error is a refusal where GET is answered otherwise; else it is only what stands at that address. */
function refusalOf(answer: Answer, usual: Answer): Outcome {
  const seen = `${answered(answer)}, GET ${usual.status}`;
  const refuses = answer.status === 405 || answer.status === 501;
  if (answer.status >= 500 && !refuses) return notSeen(seen);
  if (refuses || (answer.status >= 400 && usual.status < 400)) return held(seen);
  if (answer.status >= 400) return notSeen(`${seen}: give an address that answers`);
  if (answer.status >= 300) return notSeen(`${seen}: it is led on, and not answered`);
  return fellShort('warning', `the method ${answer.method} is answered`, seen, METHODS_FIX);
}

/** Which frameworks look for the method of a request instead of in its first line. */
const OVERRIDES = ['x-http-method-override', 'x-http-method', 'x-method-override'] as const;

/**
 * Asks for OPTIONS and HEAD by header, which change nothing, and looks whether that is what is answered. A header that
 * is ignored is as good as one that is refused.
 */
export async function checkOverride({ ask, askOnce }: RuleContext): Promise<Outcome> {
  const seen: string[] = [];
  let told = false;
  for (const [method, instead] of [
    ['GET', 'OPTIONS'],
    ['POST', 'HEAD'],
  ] as const) {
    const usual = method === 'GET' ? await askOnce() : await ask(EMPTY_POST);
    const wanted = await askOnce({ method: instead });
    const headers = Object.fromEntries(OVERRIDES.map((name) => [name, instead]));
    const answer = await ask(
      method === 'GET' ? { headers } : { ...EMPTY_POST, headers: { ...EMPTY_POST.headers, ...headers } },
    );
    const text = `${answered(answer)} with a header that asks for ${instead}, ${usual.status} without`;
    seen.push(text);
    if (shapeOf(usual) === shapeOf(wanted)) continue;
    if (shapeOf(answer) === shapeOf(wanted) && answer.status < 400) {
      return fellShort(
        'error',
        'a header changes the method of a request, behind whatever looks at methods',
        text,
        'take out what reads X-HTTP-Method-Override, or put Bulwark in front of the application',
      );
    }
    // Ignored, or refused: the method was not changed either way.
    told ||= shapeOf(answer) === shapeOf(usual) || answer.status >= 400;
  }
  return told
    ? held(seen.join('; '))
    : notSeen(`${seen.join('; ')}: no difference would show at this address`);
}

const EMPTY_POST = {
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
  body: '',
} as const;
