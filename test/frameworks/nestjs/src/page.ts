import { current } from 'bulwark/current';

export function page(body: string): string {
  const { nonce } = current();
  return `<!doctype html><title>Notes</title>${body}<script type="module" nonce="${nonce}" src="/client.js"></script>`;
}
