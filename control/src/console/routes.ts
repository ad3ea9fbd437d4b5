/** The page of the console, who may change the mesh from it, and what it alone asks. */
import { messageOf } from '@microshop/program-kit/errors';
import { commandName, typedHere } from '@microshop/program-kit/typed-here';
import { notFound, ProblemError } from '@microshop/service-kit';
import {
  type CallEdge,
  edgeBetween,
  maxId,
  meshUrls,
  type Placement,
  publishedUrls,
} from '@microshop/topology';
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import type { AuditSources } from '../audit/sources.ts';
import type { ChangeBook } from '../changes/book.ts';
import type { Figure } from '../completeness/figure.ts';
import { unavailable } from '../service/problem.ts';
import { RefusedError } from '../service/shop.ts';
import { dashboardQuerySchema } from './dashboard-query.ts';
import { dashboardListSchema } from './dashboard-schemas.ts';
import { listDashboards, readDashboard } from './dashboards.ts';
import { readEdgeTraces } from './edge-traces.ts';
import type { ExperimentCommand } from './experiment-command.ts';
import {
  runListSchema,
  runPagePath,
  runQuerySchema,
  startedPath,
  startSchema,
  watchSchema,
} from './experiment-schemas.ts';
import { listRuns, readRunPage, runPagePolicy } from './experiments.ts';
import { readSeries } from './figures.ts';
import { readHealth } from './health.ts';
import { healthSchema } from './health-schemas.ts';
import { registerLive } from './live.ts';
import { messagesSchema } from './message-schemas.ts';
import { readMessages } from './messages.ts';
import { listOrders, readStory } from './orders.ts';
import { registerPage, sandboxHeaders } from './page.ts';
import type { PartAddresses } from './parts.ts';
import type { ProcessCommand } from './process-command.ts';
import {
  type ProcessWish,
  processDoneSchema,
  processFaultPath,
  processWishSchema,
} from './process-schemas.ts';
import { overviewReader } from './reading.ts';
import {
  codeSchema,
  edgeSeriesSchema,
  edgeTracesSchema,
  orderListSchema,
  orderQuerySchema,
  orderWishSchema,
  overviewSchema,
  placedSchema,
  sessionPath,
  sessionSchema,
  storySchema,
  trafficSchema,
  trafficWishSchema,
} from './schemas.ts';
import type { Sessions } from './sessions.ts';
import type { OrderTraffic } from './traffic.ts';

const edgeParams = Type.Object({ caller: Type.String(), callee: Type.String() });
const dashboardParams = Type.Object({ uid: Type.String() });
const runParams = Type.Object({ folder: Type.String() });
const orderParams = Type.Object({ id: Type.Integer({ minimum: 1, maximum: maxId }) });
const seriesQuery = Type.Object({ minutes: Type.Integer({ minimum: 1, maximum: 60, default: 5 }) });

/** What {@link registerConsole} needs. */
export interface ConsoleOptions {
  /** Directory of the built page. */
  readonly page: string;
  readonly sessions: Sessions;
  readonly placement: Placement;
  readonly addresses: PartAddresses;
  /** Faults and policies. */
  readonly changes: Pick<ChangeBook, 'read'>;
  /** The databases, read only. */
  readonly sources: AuditSources;
  readonly traffic: OrderTraffic;
  /** How many traces are whole. */
  readonly completeness: () => Figure;
  /** Directory of the parts' logs; undefined where it cannot be read. */
  readonly logs: string | undefined;
  /** Directory of the reports of experiments; undefined where it cannot be read. */
  readonly experiments: string | undefined;
  /** What runs one; undefined where it is started by hand only. */
  readonly run: ExperimentCommand | undefined;
  /** What makes a process fail; undefined there, too. */
  readonly processes: ProcessCommand | undefined;
}

/** Registers page and routes. */
export async function registerConsole(fastify: FastifyInstance, options: ConsoleOptions): Promise<void> {
  const { page, sessions, placement, addresses } = options;
  await registerPage(fastify, page);

  fastify.post('/api/console/codes', { schema: { response: { 201: codeSchema } } }, async (_request, reply) =>
    reply.code(201).send({ code: sessions.code() }),
  );

  fastify.post<{ Body: Static<typeof codeSchema> }>(
    sessionPath,
    { schema: { body: codeSchema } },
    async (request, reply) => {
      const cookie = sessions.open(request.body.code);
      if (cookie === undefined) {
        throw new ProblemError(
          401,
          'unauthorized',
          'This address was used before, or is too old; ./mesh console prints a new one',
        );
      }
      return reply.code(204).header('set-cookie', cookie).send();
    },
  );

  fastify.get(
    sessionPath,
    { logLevel: 'warn', schema: { response: { 200: sessionSchema } } },
    async (request) => ({
      may_change: sessions.holds(request.headers),
      instance: placement.instance,
      mode: placement.mode,
      command: commandName(),
      urls: placement.mode === 'compose' ? publishedUrls() : meshUrls(placement),
    }),
  );

  const overview = overviewReader(options);
  registerLive(fastify, overview);
  fastify.get(
    '/api/console/overview',
    { logLevel: 'warn', schema: { response: { 200: overviewSchema } } },
    overview.whole,
  );

  fastify.get<{ Params: Static<typeof edgeParams>; Querystring: Static<typeof seriesQuery> }>(
    '/api/console/edges/:caller/:callee/series',
    {
      logLevel: 'warn',
      schema: { params: edgeParams, querystring: seriesQuery, response: { 200: edgeSeriesSchema } },
    },
    ({ params, query }) => readSeries(addresses.prometheus, edgeOf(params), query.minutes),
  );
  fastify.get<{ Params: Static<typeof edgeParams> }>(
    '/api/console/edges/:caller/:callee/traces',
    { logLevel: 'warn', schema: { params: edgeParams, response: { 200: edgeTracesSchema } } },
    ({ params }) => readEdgeTraces(addresses.jaeger, edgeOf(params)),
  );
  registerOrders(fastify, options);
  fastify.get(
    '/api/console/messages',
    { logLevel: 'warn', schema: { response: { 200: messagesSchema } } },
    () => readMessages(options.sources),
  );
  fastify.get('/api/console/health', { logLevel: 'warn', schema: { response: { 200: healthSchema } } }, () =>
    readHealth({ prometheus: addresses.prometheus, ...options }),
  );
  registerDashboards(fastify, addresses.prometheus);
  registerExperiments(fastify, options.experiments);
  registerExperimentCommand(fastify, options.run);
  registerProcessFaults(fastify, options.processes);
}

/** The dashboards, and the data of one. */
function registerDashboards(fastify: FastifyInstance, prometheus: string): void {
  fastify.get(
    '/api/console/dashboards',
    { logLevel: 'warn', schema: { response: { 200: dashboardListSchema } } },
    listDashboards,
  );
  fastify.get<{
    Params: Static<typeof dashboardParams>;
    Querystring: Static<typeof dashboardQuerySchema>;
  }>(
    '/api/console/dashboards/:uid',
    // no response schema: it would check each of the many numbers here, and the page checks them
    { logLevel: 'warn', schema: { params: dashboardParams, querystring: dashboardQuerySchema } },
    ({ params, query }) => readDashboard(prometheus, params.uid, query),
  );
}

/** Past runs of experiments, and their pages. */
function registerExperiments(fastify: FastifyInstance, directory: string | undefined): void {
  fastify.get<{ Querystring: Static<typeof runQuerySchema> }>(
    '/api/console/experiments',
    { logLevel: 'warn', schema: { querystring: runQuerySchema, response: { 200: runListSchema } } },
    async ({ query }) => {
      const { lacks, ...list } = await listRuns(directory, query.name);
      return { ...list, lacks: lacks.map((lack) => typedHere(lack)) };
    },
  );
  fastify.get<{ Params: Static<typeof runParams> }>(
    runPagePath(':folder'),
    { logLevel: 'warn', schema: { params: runParams } },
    async ({ params }, reply) =>
      reply
        .headers(sandboxHeaders(runPagePolicy))
        .type('text/html; charset=utf-8')
        .send(await readRunPage(directory, params.folder)),
  );
}

/** Experiments that are started from the page. */
function registerExperimentCommand(fastify: FastifyInstance, run: ExperimentCommand | undefined): void {
  const reach = () => {
    if (run !== undefined) return run;
    throw notFound(
      typedHere('From the page they start on a native mesh only; type ./mesh experiment run <name>'),
    );
  };
  const watch = async () =>
    run === undefined
      ? { names: null, started: null }
      : { names: [...(await run.names())], started: await run.state() };
  const answer = { response: { 200: watchSchema } };
  fastify.get(startedPath, { logLevel: 'warn', schema: answer }, watch);
  fastify.post<{ Body: Static<typeof startSchema> }>(
    startedPath,
    { schema: { body: startSchema, ...answer } },
    async ({ body }) => {
      await reach().start(body.name);
      return await watch();
    },
  );
  fastify.delete(startedPath, { schema: answer }, async () => {
    reach().stop();
    return await watch();
  });
}

/** Processes that are made to fail from the page. */
function registerProcessFaults(fastify: FastifyInstance, processes: ProcessCommand | undefined): void {
  fastify.post<{ Body: ProcessWish }>(
    processFaultPath,
    { schema: { body: processWishSchema, response: { 200: processDoneSchema } } },
    async ({ body }) => {
      if (processes === undefined) {
        throw notFound(
          typedHere('Processes fail by the command: ./mesh fault process <part> --kill in the checkout'),
        );
      }
      return { said: await processes(body) };
    },
  );
}

/** Orders: listed, searched, told, placed. */
function registerOrders(fastify: FastifyInstance, { sources, traffic, logs }: ConsoleOptions): void {
  fastify.get<{ Querystring: Static<typeof orderQuerySchema> }>(
    '/api/console/orders',
    { logLevel: 'warn', schema: { querystring: orderQuerySchema, response: { 200: orderListSchema } } },
    async ({ query }) => ({ orders: await listOrders(sources, query).catch(unreadable) }),
  );
  fastify.get<{ Params: Static<typeof orderParams> }>(
    '/api/console/orders/:id',
    { logLevel: 'warn', schema: { params: orderParams, response: { 200: storySchema } } },
    ({ params }) => readStory(sources, params.id, logs).catch(unreadable),
  );
  fastify.post<{ Body: Static<typeof orderWishSchema> }>(
    '/api/console/orders',
    { schema: { body: orderWishSchema, response: { 201: placedSchema } } },
    async (request, reply) => reply.code(201).send(await placed(traffic.place(request.body))),
  );
  fastify.post<{ Body: Static<typeof trafficWishSchema> }>(
    '/api/console/traffic',
    { schema: { body: trafficWishSchema, response: { 200: trafficSchema } } },
    async ({ body }) => {
      traffic.run(body.rate, body.seconds);
      return traffic.state();
    },
  );
  fastify.delete('/api/console/traffic', { schema: { response: { 200: trafficSchema } } }, async () => {
    traffic.stop();
    return traffic.state();
  });
  fastify.addHook('onClose', async () => traffic.stop());
}

/** What came of placing an order; an answer that refuses it is an answer. */
async function placed(placing: ReturnType<OrderTraffic['place']>): Promise<Static<typeof placedSchema>> {
  try {
    const { order, traceId } = await placing;
    return { order_id: order.id, trace_id: traceId, refusal: null };
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const { trace_id, status, code, detail } = error.refusal;
    return { order_id: null, trace_id, refusal: `${status} ${code}: ${detail}` };
  }
}

/** Throws a problem that names the database as what does not answer. */
function unreadable(error: unknown): never {
  if (error instanceof ProblemError) throw error;
  throw unavailable(`The orders cannot be read: ${messageOf(error)}`, error);
}

/** The edge that was named. Throws a problem when there is none. */
function edgeOf({ caller, callee }: Static<typeof edgeParams>): CallEdge {
  try {
    return edgeBetween(caller, callee);
  } catch (error) {
    throw notFound(messageOf(error));
  }
}
