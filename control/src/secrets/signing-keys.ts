/**
 * Keys that sign the tokens of clients: made before the service listens, rotated while it runs; and the token of who
 * runs the mesh. Only where the gateway authenticates clients.
 */
import { hasCode, messageOf } from '@microshop/program-kit/errors';
import { jsonText } from '@microshop/program-kit/json-file';
import { type Access, putFile } from '@microshop/program-kit/whole-file';
import {
  issueToken,
  readSigningKeys,
  type SigningKey,
  signingKeyAt,
  type Token,
} from '@microshop/service-kit/tokens';
import { signingKeyTimes } from '@microshop/topology';
import type { FastifyInstance } from 'fastify';
import { type KeyTimes, rotated } from './key-rotation.ts';
import { signingKeyListSchema, tokenSchema } from './signing-key-schemas.ts';
import { keepUp } from './upkeep.ts';

/** As a password's file: for its reader alone, and replaced, not written. */
const secret: Access = { file: 0o400, directory: 0o700 };

/** Name of who runs the mesh, in a token; no user has it. */
const operator = { subject: 'operator', role: 'admin' } as const;

/** The times of the topology. */
const usualKeyTimes: KeyTimes = {
  signsMs: signingKeyTimes.signsSeconds * 1000,
  publishedBeforeMs: signingKeyTimes.publishedBeforeSeconds * 1000,
  publishedAfterMs: signingKeyTimes.publishedAfterSeconds * 1000,
};

/** The keys of a mesh. */
export interface SigningKeys {
  /**
   * Rotates them when it is time; when to check again, milliseconds since the epoch. With `rotateNow` the next one is made at once. Throws
   * when there is a file that cannot be read, and leaves that.
   */
  keep(rotateNow?: boolean): Promise<number>;
  list(): Promise<readonly SigningKey[]>;
  /** A token of who runs the mesh, an admin. */
  operatorToken(): Promise<Token>;
}

/** The keys in that file. */
export function signingKeysIn(file: string, times: KeyTimes = usualKeyTimes): SigningKeys {
  async function known(): Promise<readonly SigningKey[]> {
    try {
      return await readSigningKeys(file);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return [];
      // with new keys in their place every token would be refused
      throw new Error(
        `The signing keys in ${file} cannot be read: ${messageOf(error)}; without that file new ones are made`,
        {
          cause: error,
        },
      );
    }
  }
  // one after the other: two would each make a key
  let last: Promise<unknown> = Promise.resolve();
  return {
    async keep(rotateNow = false) {
      const work = last.then(async () => {
        const { keys, lookAt } = await rotated(await known(), Date.now(), times, rotateNow);
        await putFile(file, jsonText({ keys }), secret);
        return lookAt;
      });
      last = work.catch(() => undefined);
      return await work;
    },
    list: () => readSigningKeys(file),
    operatorToken: async () => await issueToken(await readSigningKeys(file), operator),
  };
}

/** Registers the rotation and the routes. */
export function registerSigningKeys(fastify: FastifyInstance, keys: SigningKeys): void {
  // Once this service listens, there is a key.
  keepUp(fastify, 'signing keys cannot be rotated', () => keys.keep());

  async function list() {
    const all = await keys.list();
    const signing = signingKeyAt(all, Date.now());
    return all.map((key) => ({
      kid: key.public_key.kid,
      state: key === signing ? 'signs' : key.private_part === null ? 'has signed' : 'next',
      signs_from: new Date(key.signs_from).toISOString(),
      gone_at: key.gone_at === null ? null : new Date(key.gone_at).toISOString(),
    }));
  }

  fastify.get('/api/signing-keys', { schema: { response: { 200: signingKeyListSchema } } }, list);

  fastify.post(
    '/api/signing-keys',
    { schema: { response: { 200: signingKeyListSchema } } },
    async (request) => {
      await keys.keep(true);
      request.log.info('the signing key will be rotated');
      return await list();
    },
  );

  fastify.post('/api/tokens', { schema: { response: { 201: tokenSchema } } }, async (_request, reply) =>
    reply
      .code(201)
      .header('cache-control', 'no-store')
      .send(await keys.operatorToken()),
  );
}
