import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sketchExchange } from '../../../test/support/exchange.ts';
import { type Attempt, mayBeAttempt, readAttempt } from './attempt.ts';
import { FormBook, type KnownForm } from './form-book.ts';

const PAGE_FORM = { method: 'POST', action: '', account: 'who', password: 'phrase' };
const FORM_TYPE = 'application/x-www-form-urlencoded';

function formOf(by: 'page' | 'policy'): KnownForm {
  return { by, method: 'POST', path: '/login', account: 'who', password: 'phrase', told: undefined };
}

async function read(body: string, form?: KnownForm, type = FORM_TYPE): Promise<Attempt | undefined> {
  const headers = { 'content-type': type, 'content-length': String(body.length) };
  const exchange = sketchExchange({ method: 'POST', target: '/login', headers, body });
  exchange.path = '/login';
  assert.ok(mayBeAttempt(exchange));
  return readAttempt(exchange, form, true);
}

test('what names an account and brings a password is an attempt, whatever the form is called', async () => {
  for (const [body, type] of [
    ['username=Ann&password=x', FORM_TYPE],
    ['{"user":{"e-mail":"ANN","password":"x"}}', 'application/json'],
    ['{"variables":{"login":"ann","passwd":"x"},"query":"mutation"}', 'application/json'],
  ] as const) {
    const attempt = await read(body, undefined, type);
    assert.deepEqual([attempt?.accounts, attempt?.isUnclear], [['ann'], false], body);
  }
  for (const body of ['q=ann', 'text=a&title=b', 'password=x', 'username=ann', 'username=ann&new_password=x'])
    assert.equal(await read(body), undefined, body);
});

test('a form of a page is read by its own fields, and a sign-out at its address is none', async () => {
  assert.deepEqual((await read('who=ann&phrase=x', formOf('page')))?.accounts, ['ann']);
  assert.equal(await read('action=sign-out', formOf('page')), undefined);
  // The name was asked for on another page: it is counted by client.
  const nameless = await read('phrase=x', formOf('page'));
  assert.deepEqual([nameless?.accounts, nameless?.isUnclear], [[], false]);
  // In a hidden field the second page says it once more.
  const second: KnownForm = { ...formOf('page'), account: undefined };
  assert.deepEqual((await read('username=ann&phrase=x', second))?.accounts, ['ann']);
});

test('a further field hides no account: each that may count is counted', async () => {
  assert.deepEqual((await read('username=decoy&email=ann&password=x'))?.accounts, ['decoy', 'ann']);
  assert.deepEqual((await read('who=decoy&phrase=x&email=ann', formOf('page')))?.accounts, ['decoy', 'ann']);
  assert.deepEqual((await read('who=ann&phrase=x&email=decoy', formOf('policy')))?.accounts, ['ann']);
  const many = Array.from({ length: 9 }, (_, at) => `user[${at}][email]=a${at}`).join('&');
  const attempt = await read(`${many}&password=x`);
  assert.deepEqual([attempt?.accounts.length, attempt?.isUnclear], [4, true]);
});

test('what cannot be read in one way is unclear at a form that is known', async () => {
  for (const body of [
    'who=ann&who=bob&phrase=x',
    'who=ann&Who=bob&phrase=x',
    `who=${'a'.repeat(321)}&phrase=x`,
  ])
    assert.equal((await read(body, formOf('page')))?.isUnclear, true, body.slice(0, 40));
  for (const [body, type] of [
    ['who=ann&phrase=x', `${FORM_TYPE}; charset=utf-16`],
    ['who=ann&phrase=x', 'text/plain'],
    [`who=ann&phrase=x&pad=${'x'.repeat(70_000)}`, FORM_TYPE],
  ] as const) {
    assert.equal((await read(body, formOf('page'), type))?.isUnclear, true, body.slice(0, 40));
    assert.equal(await read(body, undefined, type), undefined, body.slice(0, 40));
  }
});

test('JSON with a key twice is counted, and as unclear, wherever it is sent', async () => {
  const attempt = await read('{"email":"ann","password":"x","a":1,"a":2}', undefined, 'application/json');
  assert.deepEqual([attempt?.accounts, attempt?.isUnclear], [[], true]);
});

test('what stands in the address is read too, and the same twice is one', async () => {
  const of = async (query: string, body: string): Promise<Attempt | undefined> => {
    const headers = { 'content-type': FORM_TYPE, 'content-length': String(body.length) };
    const exchange = sketchExchange({ method: 'POST', headers, body });
    exchange.path = '/login';
    exchange.query = query;
    return mayBeAttempt(exchange) ? readAttempt(exchange, formOf('page'), true) : undefined;
  };
  assert.deepEqual((await of('who=ann', 'phrase=x'))?.accounts, ['ann']);
  assert.deepEqual((await of('who=ann&phrase=x', ''))?.accounts, ['ann']);
  assert.deepEqual((await of('who=ann', 'who=ann&phrase=x'))?.accounts, ['ann']);
  assert.equal((await of('who=bob', 'who=ann&phrase=x'))?.isUnclear, true);
  assert.equal(await of('', ''), undefined);
});

test('what somebody signed in by is known from then on, and what was only tried is not', () => {
  const book = new FormBook([]);
  assert.ok(book.noteSuccess('POST', '/api/session/', 'email', 'password'));
  assert.equal(book.noteSuccess('POST', '/api/session', 'email', 'password'), undefined);
  assert.equal(book.find('POST', '/API/session')?.by, 'success');
});

test('a form is known by its method and path in every spelling that a router takes for it', () => {
  const book = new FormBook([]);
  assert.ok(book.notePage('/sign-in', '/Auth/Login/', PAGE_FORM));
  assert.equal(book.notePage('/sign-in', '/auth/login', PAGE_FORM), undefined);
  for (const path of ['/auth/login', '/AUTH/login/', '//auth///login'])
    assert.ok(book.find('POST', path), path);
  assert.equal(book.find('PUT', '/auth/login'), undefined);
  assert.ok(book.isSignInPage('/sign-in/') && book.isSignInPage('/auth/login') && !book.isSignInPage('/'));
});

test('an application with a form for each visitor fills no memory', () => {
  const book = new FormBook([]);
  for (let visitor = 0; visitor < 1000; visitor += 1)
    book.notePage(`/${visitor}`, `/${visitor}/login`, PAGE_FORM);
  assert.ok(book.find('POST', '/999/login') && book.isSignInPage('/999'));
  assert.equal(book.find('POST', '/1/login'), undefined);
  assert.equal(book.isSignInPage('/1'), false);
});
