/** Reads from a Prometheus what it knows of every metric. */

import { expectBody, requestJson } from '@microshop/program-kit/http-json';
import { type Static, type TSchema, Type } from 'typebox';
import { type Family, familiesOf } from './family.ts';

const metadataSchema = Type.Object({
  data: Type.Record(Type.String(), Type.Array(Type.Object({ type: Type.String(), help: Type.String() }))),
});

const seriesSchema = Type.Object({ data: Type.Array(Type.Record(Type.String(), Type.String())) });

/** Time an answer may take, milliseconds: a mesh has some 15,000 series. */
const limitMs = 20_000;

/** Every metric that the Prometheus at `http://host:port` holds, in order of name. Throws `UnreachableError`. */
export async function readFamilies(prometheus: string): Promise<Family[]> {
  async function ask<S extends TSchema>(schema: S, path: string): Promise<Static<S>> {
    const { body } = await requestJson('prometheus', 'GET', prometheus + path, { limitMs });
    return expectBody(schema, body, `GET ${prometheus}${path}`);
  }
  const [metadata, series] = await Promise.all([
    ask(metadataSchema, '/api/v1/metadata'),
    ask(seriesSchema, `/api/v1/series?${new URLSearchParams({ 'match[]': '{__name__=~".+"}' })}`),
  ]);
  return familiesOf(series.data, metadata.data);
}
