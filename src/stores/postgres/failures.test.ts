import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DatabaseError } from 'pg';
import { BulwarkError } from '../../core/errors.ts';
import { isCollision, isDuplicate, isOutage, isTooLate, startError, withCode } from './failures.ts';

function said(code: string): DatabaseError {
  return Object.assign(new DatabaseError('postgres://tester:hunter2@10.0.0.5/app', 1, 'error'), { code });
}

test('takes for an outage what says nothing of the statement', () => {
  const socket = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' });
  const states = ['08006', '08P01', '57P01', '57P02', '57P03', '53300', '28P01', '3D000', '25006'].map(said);
  const words = [
    'Connection terminated unexpectedly',
    'Connection terminated',
    'Connection terminated due to connection timeout',
    'timeout expired',
    'Client has encountered a connection error and is not queryable',
    'Client was closed and is not queryable',
    'Cannot use a pool after calling end on the pool',
  ].map((text) => new Error(text));
  for (const error of [socket, ...states, ...words]) assert.ok(isOutage(error), String(error));
  for (const error of words) {
    const coded = withCode(error);
    assert.ok(isOutage(coded));
    assert.equal((coded as { code?: string }).code, error.message);
  }
  for (const error of [socket, ...states]) assert.equal(withCode(error), error);
});

test('takes for no outage what the database refuses', () => {
  const states = ['23505', '42P01', '22021', '53100', '57014', '40001', '40P01', '55P03', 'XX000'].map(said);
  const own = [
    new BulwarkError('ERR_BULWARK_STORE', 'timeout expired'),
    new TypeError('x'),
    'timeout expired',
  ];
  for (const error of [...states, ...own, undefined]) assert.ok(!isOutage(error), String(error));
});

test('tells being late from being gone, and from meeting another statement', () => {
  const words = ['Query read timeout', 'timeout exceeded when trying to connect'].map(
    (text) => new Error(text),
  );
  for (const error of [...['57014', '55P03'].map(said), ...words]) {
    assert.deepEqual(
      [isTooLate(error), isOutage(error), isCollision(error)],
      [true, false, false],
      String(error),
    );
  }
  for (const error of ['40001', '40P01'].map(said)) {
    assert.deepEqual(
      [isTooLate(error), isOutage(error), isCollision(error)],
      [false, false, true],
      String(error),
    );
  }
  for (const error of [said('23505'), new Error('timeout expired'), new TypeError('x'), undefined]) {
    assert.deepEqual([isTooLate(error), isCollision(error)], [false, false], String(error));
  }
});

test('tells what is there already, by the error of the driver or ours around it', () => {
  const ours = (cause: unknown): BulwarkError => new BulwarkError('ERR_BULWARK_STORE', 'x', { cause });
  for (const error of [said('23505'), ours(said('23505'))]) assert.ok(isDuplicate(error));
  for (const error of [said('23503'), ours(said('40001')), ours(undefined), new Error('23505'), undefined]) {
    assert.ok(!isDuplicate(error), String(error));
  }
});

test('an outage at the start is told by its code alone, a refusal in the words of the database', () => {
  assert.equal(startError(said('57P03')).message, 'PostgreSQL is not reachable (57P03).');
  assert.equal(startError(new Error('timeout expired')).message, 'PostgreSQL is not reachable.');
  const refused = startError(new Error('permission denied for database app'));
  assert.equal(refused.message, 'The PostgreSQL store failed: permission denied for database app');
  assert.deepEqual([refused.code, startError('?').code], ['ERR_BULWARK_STORE', 'ERR_BULWARK_STORE']);
});
