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

/** Derives a tag from a password: the work that takes the time. */
export type Derive = (password: string, salt: Buffer, cost: Cost) => Promise<Buffer>;

const deriveWithArgon2: Derive = (password, salt, cost) =>
  hashWith('argon2id', { message: password, nonce: salt, ...cost });

/** Sets of parameters that are remembered in addition to today's. */
const maxFormerCosts = 3;

/**
 * Each hash takes tens of milliseconds of one core and 19 MiB, so that a burst of logins could starve every other
 * request: `concurrency` run at once in libuv's pool, `waiting` more wait, the rest is refused.
 *
 * A login does the same work for every e-mail, known or not, so that its time tells nothing: once for each set of parameters that
 * stored passwords have been seen with, of which there are several only after the parameters were changed.
 */
export function createPasswords({
  concurrency = 2,
  waiting = 64,
  derive = deriveWithArgon2,
} = {}): Passwords {
  const limit = pLimit(concurrency);
  const costs = new Map<string, Cost>([[nameOf(parameters), parameters]]);
  const bounded = <T>(work: () => Promise<T>): Promise<T> => {
    if (limit.pendingCount >= waiting) throw overloaded('Too many passwords are being checked; retry later');
    return limit(work);
  };

  return {
    async hash(password) {
      const salt = randomBytes(saltLength);
      return phcString(salt, await bounded(() => derive(password, salt, parameters)));
    },
    async verify(password, phc) {
      const stored = phc === undefined ? undefined : parsePhc(phc);
      const own = stored === undefined ? undefined : nameOf(stored.cost);
      if (stored !== undefined && own !== undefined && costs.size <= maxFormerCosts)
        costs.set(own, stored.cost);
      // a cost that is not cached is checked anyway
      const all = new Map([
        ...costs,
        ...(stored === undefined || own === undefined ? [] : [[own, stored.cost] as const]),
      ]);
      return await bounded(async () => {
        let fits = false;
        for (const [name, cost] of all) {
          const { salt, tag } = stored !== undefined && name === own ? stored : nobody;
          const actual = await derive(password, salt, cost);
          // takes the same time for both; the empty tag of `nobody` never matches
          const equal = timingSafeEqual(actual, Buffer.concat([tag], actual.length));
          fits = fits || (equal && name === own);
        }
        return fits;
      });
    },
  };
}

function nameOf({ memory, passes, parallelism, tagLength }: Cost): string {
  return [memory, passes, parallelism, tagLength].join(' ');
}

/** What one derivation costs. */
export interface Cost {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
  readonly tagLength: number;
}

/** What is checked when there is no such user, and for parameters that are not the user's. */
const nobody = { salt: Buffer.alloc(saltLength), tag: Buffer.alloc(0) };

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
