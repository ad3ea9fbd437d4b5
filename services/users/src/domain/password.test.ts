import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProblemError } from '@microshop/service-kit';
import { createPasswords } from './password.ts';

test('a password is kept as an argon2id PHC string with its own salt', async () => {
  const passwords = createPasswords();
  const [one, two] = await Promise.all([passwords.hash('correct horse'), passwords.hash('correct horse')]);
  assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.notEqual(one, two);
});

test('only the right password fits, and without a user none fits', async () => {
  const passwords = createPasswords();
  const phc = await passwords.hash('correct horse');
  assert.equal(await passwords.verify('correct horse', phc), true);
  assert.equal(await passwords.verify('correct horsf', phc), false);
  assert.equal(await passwords.verify('', phc), false);
  assert.equal(await passwords.verify('correct horse', undefined), false);
});

test('what is stored but is not argon2id is an error, not a wrong password', async () => {
  await assert.rejects(createPasswords().verify('x', '$2b$10$abcdefghijklmnopqrstuv'), /argon2id/);
});

test('when too many wait, the next is refused with 503 and not queued', async () => {
  const passwords = createPasswords({ concurrency: 1, waiting: 2 });
  const admitted = [passwords.hash('a'), passwords.hash('b'), passwords.hash('c')];
  await assert.rejects(
    passwords.hash('d'),
    (error) => error instanceof ProblemError && error.status === 503 && error.code === 'overloaded',
  );
  assert.equal((await Promise.all(admitted)).length, 3);
});
