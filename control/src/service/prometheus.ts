/** What Prometheus says now. */

import { expectBody, requestJson } from '@microshop/program-kit/http-json';
import { type Static, Type } from 'typebox';

const vectorSchema = Type.Object({
  data: Type.Object({
    result: Type.Array(
      Type.Object({
        metric: Type.Record(Type.String(), Type.String()),
        value: Type.Tuple([Type.Number(), Type.String()]),
      }),
    ),
  }),
});

/** A sample: its labels, and its time in seconds since the epoch beside its value. */
export type Sample = Static<typeof vectorSchema>['data']['result'][number];

/** The samples of an instant query; `origin` is Prometheus' own. Rejects where it does not answer with them. */
export async function samplesNow(origin: string, query: string): Promise<Sample[]> {
  const path = `/api/v1/query?query=${encodeURIComponent(query)}`;
  const { body } = await requestJson('prometheus', 'GET', origin + path);
  return expectBody(vectorSchema, body, 'prometheus').data.result;
}
