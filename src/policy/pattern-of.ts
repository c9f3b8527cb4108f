/**
 * The pattern of an address that somebody saw. Apart from patterns that a policy has: V8 looks up every letter there is for the
 * expression below, which is asked by one command, and would be made at each start.
 */

/** What of a path a pattern says as it stands, and any terminal shows: letters and numbers of any script. */
const LITERAL = /^(?!\.{1,2}$|\$)[\w.~!$&'+,;=@\p{L}\p{M}\p{N}-]+$/u;

/** The pattern of one path, as it stands in an address. A segment that no pattern can spell is any segment. */
export function patternOf(pathname: string): string {
  const segments = pathname.split('/').slice(1);
  const written = segments.map((segment, at) => {
    if (segment === '' && at === segments.length - 1) return '';
    const name = decoded(segment);
    return LITERAL.test(name) ? name : ':id';
  });
  return `/${written.join('/')}`;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
