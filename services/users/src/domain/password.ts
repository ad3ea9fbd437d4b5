/**
 * Passwords: argon2id, stored as PHC strings. Parameters are the first of OWASP's Password Storage Cheat Sheet
 * (19 MiB, 2 passes, 1 lane).
 */
import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { overloaded } from '@microshop/service-kit';
import pLimit from 'p-limit';

const parameters = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 } as const;
const saltLength = 16;

const hashWith = promisify<'argon2id', Argon2Parameters, Buffer>(argon2);

/** Hashes and checks passwords, so many at a time. */
export interface Passwords {
  /** PHC string of a password. Throws 503 `overloaded` when too many are waiting. */
  hash(password: string): Promise<string>;
  /** Whether the password fits the PHC string; without one it takes as long and is false. */
  verify(password: string, phc: string | undefined): Promise<boolean>;
}

/**
 * Each hash takes tens of milliseconds of one core and 19 MiB, so that a burst of logins could starve every other
 * request: `concurrency` run at once in libuv's pool, `waiting` more wait, the rest is refused.
 */
export function createPasswords({ concurrency = 2, waiting = 64 } = {}): Passwords {
  const limit = pLimit(concurrency);
  const bounded = (work: () => Promise<Buffer>): Promise<Buffer> => {
    if (limit.pendingCount >= waiting) throw overloaded('Too many passwords are being checked; try again');
    return limit(work);
  };
  const derive = (password: string, salt: Buffer, options: Cost): Promise<Buffer> =>
    bounded(() => hashWith('argon2id', { message: password, nonce: salt, ...options }));

  return {
    async hash(password) {
      const salt = randomBytes(saltLength);
      return phcString(salt, await derive(password, salt, parameters));
    },
    async verify(password, phc) {
      const { salt, tag, cost } = phc === undefined ? nobody : parsePhc(phc);
      const actual = await derive(password, salt, cost);
      return timingSafeEqual(actual, tag) && phc !== undefined;
    },
  };
}

interface Cost {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
  readonly tagLength: number;
}

/** What is checked when there is no such user: the same work, so that the time tells nothing. */
const nobody = { salt: Buffer.alloc(saltLength), tag: Buffer.alloc(parameters.tagLength), cost: parameters };

function phcString(salt: Buffer, tag: Buffer): string {
  const unpadded = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
  const { memory, passes, parallelism } = parameters;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(tag)}`;
}

function parsePhc(phc: string): { salt: Buffer; tag: Buffer; cost: Cost } {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/.exec(phc);
  if (match === null) throw new Error('A stored password is not an argon2id PHC string');
  const [, memory, passes, parallelism, salt = '', tag = ''] = match;
  const bytes = Buffer.from(tag, 'base64');
  return {
    salt: Buffer.from(salt, 'base64'),
    tag: bytes,
    cost: {
      memory: Number(memory),
      passes: Number(passes),
      parallelism: Number(parallelism),
      tagLength: bytes.length,
    },
  };
}
