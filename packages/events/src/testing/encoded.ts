/** The real encoder of amqplib, for tests. */
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Options } from 'amqplib';

interface Codec {
  encodeTable(buffer: Buffer, table: unknown, offset: number): number;
}

const require = createRequire(import.meta.url);
// the package exports no way to it
const codec: Codec = require(path.join(path.dirname(require.resolve('amqplib')), 'lib/codec.js'));

/** Bytes of the headers in the buffer amqplib has for them. Throws when they do not fit or cannot be encoded. */
export function encodedHeaders({ headers }: Options.Publish): number {
  return codec.encodeTable(Buffer.alloc(65_536), headers, 0);
}
