/** The README of each package, followed word for word in a project that has only that package. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brokerUser } from '@microshop/deploy/settings/rabbitmq';
import { readSecret } from '@microshop/native/parts/context';
import { postgresPart } from '@microshop/native/parts/postgres';
import { rabbitmqPart } from '@microshop/native/parts/rabbitmq';
import { jaegerPart } from '@microshop/native/parts/telemetry';
import { started, testMesh } from '@microshop/native/parts/testing/mesh-directory';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { type ServiceName, serviceNamed } from '@microshop/topology';
import { newHome } from './take.ts';

test('what a README says can be taken home, and runs there', { concurrency: 2 }, async (t) => {
  const mesh = await testMesh(t, ['postgres', 'rabbitmq', 'jaeger']);
  const home = await newHome(t);
  const { postgres, rabbitmq, jaeger } = mesh.placement;
  const running = {
    postgres: started(t, postgresPart(mesh)),
    rabbitmq: started(t, rabbitmqPart(mesh)),
    jaeger: started(t, jaegerPart(mesh)),
  };

  /** An empty database, with the address of its owner. */
  async function database(of: ServiceName): Promise<{ readonly DATABASE_URL: string }> {
    await running.postgres;
    const { role, name } = serviceNamed(of).database;
    const password = await readSecret(mesh, of);
    return { DATABASE_URL: `postgres://${role}:${password}@${postgres.host}:${postgres.port}/${name}` };
  }

  async function broker(): Promise<{ readonly AMQP_URL: string }> {
    await running.rabbitmq;
    const { host, port } = rabbitmq.amqp;
    const password = await readSecret(mesh, 'rabbitmq');
    return { AMQP_URL: `amqp://${brokerUser}:${password}@${host}:${port}` };
  }

  await Promise.all([
    t.test('topology', async () => void (await home.take('packages/topology', {}))),
    t.test('mesh-client, through a server in the place of the sidecar', async () => {
      await home.take('packages/mesh-client', {});
    }),
    t.test('database-errors, on PostgreSQL', async () => {
      await home.take('packages/database', await database('users'));
    }),
    t.test('service-kit, on PostgreSQL', async () => {
      await home.take('packages/service-kit', await database('products'));
    }),
    t.test('telemetry, into Jaeger', async () => {
      await running.jaeger;
      const { otlpHttp, query } = jaeger;
      const printed = await home.take('packages/telemetry', {
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://${otlpHttp.host}:${otlpHttp.port}`,
      });
      const traceId = /"trace_id":"([0-9a-f]{32})"/.exec(printed)?.[1];
      const trace = await eventuallyDespiteErrors(
        'Jaeger has the trace that the log line names',
        async () => {
          const answer = await fetch(`http://${query.host}:${query.port}/api/traces/${traceId}`);
          return answer.ok ? await answer.text() : undefined;
        },
      );
      for (const part of ['"serviceName":"greeter"', '"value":"server"', '"value":"client"']) {
        assert.ok(trace.includes(part), `${part} in ${trace}`);
      }
    }),
    t.test('events, on PostgreSQL and RabbitMQ', async () => {
      await home.take('packages/events', { ...(await database('orders')), ...(await broker()) });
    }),
    ...Object.values(running),
  ]);
});
