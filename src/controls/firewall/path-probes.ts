/** How `check` finds out whether a path has a second reading. */
import { type Answer, answered, shapeOf } from '../../core/answer.ts';
import {
  fellShort,
  held,
  type Level,
  notSeen,
  type Outcome,
  type RuleContext,
  UNKNOWN_PATH,
} from '../../core/rule.ts';

const FIX = 'put Bulwark in front of the application, and see that nothing behind it decodes paths again';
/** The first line of /etc/passwd wherever there is one. */
const PASSWD = /^root:[^:\n]{0,40}:0:0:/m;

/**
 * Two questions: whether a file outside of the site comes back, and whether the page under test answers under another
 * spelling of its path. A 404 is a good answer to both: the path led nowhere.
 *
 * @param outside - the path to a file outside of the site
 * @param before - what is put before the path of the page, and comes to nothing when it is decoded
 * @param after - the same behind it
 * @param level - how bad a second spelling is
 */
export async function checkPath(
  { site, ask, askOnce }: RuleContext,
  outside: string,
  before: string,
  { after = '', level = 'warning' }: { after?: string; level?: Level } = {},
): Promise<Outcome> {
  const file = await ask({ target: outside });
  if (file.status < 300 && PASSWD.test(file.body)) {
    return fellShort(
      'error',
      'a file of the server comes back that is not of the site',
      `${answered(file)} with /etc/passwd`,
      FIX,
    );
  }
  const usual = await askOnce();
  const unknown = await askOnce({ target: UNKNOWN_PATH });
  const respelt = await ask({ target: `${before}${site.target.split('?')[0]}${after}` });
  const seen = `${answered(file)}; ${answered(respelt)}`;
  if (usual.status >= 300) return notSeen(`${answered(usual)}: give the address of a page`);
  if (unknown.status < 300) {
    return notSeen(`${answered(unknown)}, as any path is: a path that leads astray would not show`);
  }
  if (isSame(respelt, usual)) {
    return fellShort(
      level,
      'a page answers under a second spelling of its path, which rules on paths do not know',
      seen,
      FIX,
    );
  }
  return respelt.status >= 400 && respelt.status < 500 && file.status >= 400 && file.status < 500
    ? held(seen)
    : notSeen(`${seen}: neither a page nor a refusal`);
}

function isSame(one: Answer, other: Answer): boolean {
  return one.status === other.status && shapeOf(one) === shapeOf(other);
}
