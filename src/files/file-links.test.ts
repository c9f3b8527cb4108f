import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FileLinks } from './file-links.ts';
import { KeyRing } from '../core/key-ring.ts';
import { withoutLinkToken } from '../core/link-token.ts';

test('v5.0.0-16.2.5 (in part) a path is kept without what opens a link, whichever link it is', () => {
  const links = new FileLinks(new KeyRing([Buffer.alloc(32, 1)]));
  const id = 'v6fWpaZfaXfnve_WAGUFYA';
  for (const token of [
    links.ofShare(id, 1_798_632_816_005),
    links.ofVisit(id, 'ann@example.com', 1_798_632_816_005),
  ]) {
    const kept = withoutLinkToken(`/shared/${token}`);
    assert.equal(kept, `/shared/${token.slice(0, -22)}[redacted]`);
    assert.ok(kept.includes(id));
    assert.equal(withoutLinkToken(`/shared/${token}/`), `${kept}/`);
  }
});

test('other paths are kept as they came', () => {
  for (const path of [
    '/',
    '',
    '/a/b.html',
    `/files/${'a'.repeat(22)}`,
    `/assets/app.${'a'.repeat(22)}`,
    `/assets/s.${'a'.repeat(22)}`,
    `/x.${'a'.repeat(4000)}.${'b'.repeat(22)}`,
  ])
    assert.equal(withoutLinkToken(path), path);
});
