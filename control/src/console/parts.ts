/** Whether each part answers, asked at the address at which the control service reaches it, in either run mode. */
import { connect } from 'node:net';
import { messageOf } from '@microshop/program-kit/errors';
import { NoAnswerError, requestJson } from '@microshop/program-kit/http-json';
import {
  type Address,
  labOrigin,
  originHeader,
  type Placement,
  podPorts,
  serviceNamed,
} from '@microshop/topology';
import type { Part } from './schemas.ts';

/** Time a part has to answer, milliseconds. */
const limitMs = 1500;

/** Addresses that differ from the placement's, as the environment gives them. */
export interface PartAddresses {
  /** `http://host:port`. */
  readonly gateway: string;
  readonly jaeger: string;
  readonly prometheus: string;
  readonly postgres: Address;
  readonly redis: Address;
  /** RabbitMQ's management API, `http://host:port`. */
  readonly management: string;
}

/** Why a part is not healthy; empty when it is. */
type Question = () => Promise<string>;

/** A part answers over HTTP with a status below 500. */
function overHttp(part: string, url: string): Question {
  return async () => {
    const headers = { [originHeader]: labOrigin };
    const { status } = await requestJson(part, 'GET', url, { headers, limitMs });
    return status < 500 ? '' : `answers ${status}`;
  };
}

/** A part takes a connection. */
function overTcp({ host, port }: Address): Question {
  return () =>
    new Promise((resolve, reject) => {
      const socket = connect({ host, port, timeout: limitMs });
      socket.once('connect', () => resolve(''));
      socket.once('timeout', () => resolve(`no connection within ${limitMs / 1000} s`));
      socket.once('error', reject);
      // whichever comes first has reported it
      for (const event of ['connect', 'timeout', 'error']) socket.once(event, () => socket.destroy());
    });
}

/** Every part with what is asked of it. Apps in containers are reached through the gateway only. */
function questions(placement: Placement, at: PartAddresses): [string, Part['kind'], Question][] {
  const url = ({ host, port }: Address) => `http://${host}:${port}`;
  const ready = (part: string, admin: Address) => overHttp(part, `${url(admin)}/ready`);
  return [
    ['gateway', 'gateway', ready('gateway', placement.gateway.admin)],
    ...placement.pods.flatMap(
      ({ service, app, sidecar, admin, localBind }): [string, Part['kind'], Question][] => [
        [
          app,
          'app',
          overHttp(
            app,
            placement.mode === 'native'
              ? `${url({ host: localBind, port: podPorts.app })}/health/ready`
              : `${at.gateway}${serviceNamed(service).route}?limit=1`,
          ),
        ],
        [sidecar, 'sidecar', ready(sidecar, admin)],
      ],
    ),
    ['postgres', 'server', overTcp(at.postgres)],
    ['rabbitmq', 'server', overHttp('rabbitmq', at.management)],
    ['redis', 'server', overTcp(at.redis)],
    ['jaeger', 'server', overHttp('jaeger', `${at.jaeger}/api/services`)],
    ['prometheus', 'server', overHttp('prometheus', `${at.prometheus}/-/ready`)],
    ['control', 'control', async () => ''],
  ];
}

/** Asks every part, all at the same time. */
export async function readParts(placement: Placement, at: PartAddresses): Promise<Part[]> {
  return await Promise.all(
    questions(placement, at).map(async ([name, kind, question]): Promise<Part> => {
      const why = await question().catch((error: unknown) =>
        error instanceof NoAnswerError ? `does not answer: ${error.reason}` : messageOf(error),
      );
      return { name, kind, healthy: why === '', why };
    }),
  );
}
