/** Headers of nginx: a block with an `add_header` of its own has none of those around it (ngx_http_headers_module). */
import type { Directive } from './nginx.ts';

/** What makes browsers come back over https, for two years. */
export const HSTS_LINE = 'add_header Strict-Transport-Security "max-age=63072000; includeSubDomains" always;';

/** Files of nginx itself, which hold no header. */
const WITHOUT_HEADERS = /(?:^|\/)mime\.types$/;

/** Whether a header may be added in a block and drops none: it has one already, or all that is around it is seen to have none. */
export function takesHeader({ block, parent }: Directive): boolean {
  if (block?.some(({ name }) => name === 'add_header') === true) return true;
  // Where the block `http` is in no file of the tree, nobody knows what it adds.
  if (parent?.name !== 'http') return false;
  return [...(parent.block ?? []), ...(block ?? [])].every(
    ({ name, args }) => name !== 'add_header' && (name !== 'include' || WITHOUT_HEADERS.test(args[0] ?? '')),
  );
}
