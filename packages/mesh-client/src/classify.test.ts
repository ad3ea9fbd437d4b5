import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  breakerOpenError,
  breakerTimeoutError,
  classOfAnswer,
  codeOf,
  deadlineError,
  errorOfRequest,
  errorOfStatus,
  overloadedError,
  unusableBodyError,
} from './classify.ts';
import { type PeerError, ResponseBodyError } from './errors.ts';

/** What an error says and carries. */
const shown = ({ message, errorClass, peer, status, retryAfterSeconds, cause }: PeerError) => ({
  message,
  errorClass,
  peer,
  status,
  retryAfterSeconds,
  cause,
});

/** What most of them carry. */
const usual = { peer: 'users', status: undefined, retryAfterSeconds: 1, cause: undefined };

const withCode = (code: unknown, message = 'it broke') => Object.assign(new Error(message), { code });

describe('an answer that is none', () => {
  for (const [status, errorClass] of [
    [500, 'dependency_unavailable'],
    [503, 'dependency_unavailable'],
    [302, 'dependency_unavailable'],
    [504, 'dependency_timeout'],
  ] as const) {
    it(`${status} is ${errorClass}`, () => {
      const message = `users answered ${status}`;
      assert.deepEqual(shown(errorOfStatus('users', status)), { ...usual, message, errorClass, status });
    });
  }

  it('has a body that cannot be used: the peer’s failure, with the reason', () => {
    const cause = new ResponseBodyError('body/id must be integer');
    assert.deepEqual(shown(unusableBodyError('users', 200, cause)), {
      ...usual,
      message: 'users answered 200 with an unusable body: body/id must be integer',
      errorClass: 'dependency_unavailable',
      status: 200,
      cause,
    });
  });
});

describe('a request that failed without an answer', () => {
  for (const code of [
    'UND_ERR_CONNECT_TIMEOUT',
    'UND_ERR_HEADERS_TIMEOUT',
    'UND_ERR_BODY_TIMEOUT',
    'ETIMEDOUT',
  ]) {
    it(`${code} is a timeout`, () => {
      const cause = withCode(code);
      assert.deepEqual(shown(errorOfRequest('users', cause)), {
        ...usual,
        message: 'users did not answer: it broke',
        errorClass: 'dependency_timeout',
        cause,
      });
    });
  }

  for (const [cause, reason] of [
    [withCode('ECONNREFUSED'), 'it broke'],
    [withCode('ECONNRESET', ''), 'ECONNRESET'],
    [new Error('no code'), 'no code'],
    [new Error(''), 'unknown error'],
    ['text', 'unknown error'],
    [undefined, 'unknown error'],
  ] as const) {
    it(`${String(cause)} (${reason}) says that the peer cannot be reached`, () => {
      assert.deepEqual(shown(errorOfRequest('users', cause)), {
        ...usual,
        message: `users cannot be reached: ${reason}`,
        errorClass: 'dependency_unavailable',
        cause,
      });
    });
  }

  it('stays as it is when it is classified', () => {
    const known = deadlineError('users', true);
    assert.equal(errorOfRequest('products', known), known);
  });
});

describe('a call that was refused here', () => {
  it('outlived the limit of the breaker', () => {
    const cause = withCode('ETIMEDOUT');
    assert.deepEqual(shown(breakerTimeoutError('users', 3200, cause)), {
      ...usual,
      message: 'users did not answer within 3200 ms',
      errorClass: 'dependency_timeout',
      cause,
    });
  });

  for (const [remainingMs, seconds] of [
    [-5, 1],
    [0, 1],
    [1000, 1],
    [1001, 2],
    [4200, 5],
  ] as const) {
    it(`found the breaker open for ${remainingMs} ms: another attempt makes sense in ${seconds} s`, () => {
      assert.deepEqual(shown(breakerOpenError('users', remainingMs)), {
        ...usual,
        message: 'The breaker for users is open',
        errorClass: 'breaker_open',
        retryAfterSeconds: seconds,
      });
    });
  }

  it('keeps what opossum said', () => {
    const cause = withCode('EOPENBREAKER');
    assert.equal(breakerOpenError('users', 1, cause).cause, cause);
  });

  it('would have been one too many', () => {
    assert.deepEqual(shown(overloadedError('users', 3)), {
      ...usual,
      message: '3 calls to users are under way, which is as many as the policy allows',
      errorClass: 'overloaded',
    });
  });

  it('has no time left: another attempt is the client’s own matter', () => {
    for (const [sent, when] of [
      [true, 'while users was asked'],
      [false, 'before users was asked'],
    ] as const) {
      assert.deepEqual(shown(deadlineError('users', sent)), {
        ...usual,
        message: `The deadline passed ${when}`,
        errorClass: 'deadline_exceeded',
        retryAfterSeconds: undefined,
      });
    }
  });
});

it('a log line names what is wrong with an answer', () => {
  const classes = [200, 301, 399, 400, 404, 409, 422].map(classOfAnswer);
  assert.deepEqual(classes, [
    ...[undefined, undefined, undefined],
    ...['bad_request', 'not_found', 'bad_request', 'bad_request'],
  ]);
});

it('a code is text on an object', () => {
  const codes = [withCode('X'), withCode(7), { code: 'Y' }, new Error('none'), 'code', null, undefined].map(
    codeOf,
  );
  assert.deepEqual(codes, ['X', undefined, 'Y', undefined, undefined, undefined, undefined]);
});
