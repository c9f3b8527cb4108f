import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextOf } from '../../../test/support/check-site.ts';
import { NotSeen } from '../../core/rule.ts';

test('walks by links within the site, past what may change something, and each kind of page a few times', async () => {
  const asked: string[] = [];
  const context = contextOf(({ target = '/' }) => {
    asked.push(target);
    const numbers = Array.from({ length: 50 }, (_none, index) => `<a href=/note/${index}>`).join('');
    return target === '/'
      ? {
          body: `${numbers}<a href=/about#x><a href=/about><a href=https://other.example/x><a href=/logout><a href=/notes/1/delete><a href=/a.pdf><a href=/gone><link rel=stylesheet href=/s.css>`,
        }
      : target === '/gone'
        ? { status: 302, headers: ['Location', 'https://other.example/y'] }
        : {};
  });
  const { pages, others } = await context.crawl();
  assert.deepEqual(asked.toSorted(), ['/', '/about', '/gone', '/note/0', '/note/1', '/note/2', '/s.css']);
  assert.equal(pages.length, 5);
  assert.deepEqual(
    others.map(({ status }) => status),
    [302, 200],
  );
});

test('a site without end is left after a few pages, and one that cuts off leaves what was seen', async () => {
  let count = 0;
  const endless = contextOf(() => ({
    body: `<a href=/${'abcdefghijklmnopqrstuvwxyz'[(count += 1) % 26]}${'x'.repeat(count)}>`,
  }));
  assert.ok((await endless.crawl()).pages.length <= 15);
  assert.ok(count <= 20);
  const cut = contextOf(({ target = '/' }) => {
    if (target !== '/') throw new NotSeen('limit');
    return { body: '<a href=/a><a href=/b>' };
  });
  assert.equal((await cut.crawl()).pages.length, 1);
});
