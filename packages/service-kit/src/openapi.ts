/** OpenAPI document and its page: `/docs/<service>`, so that the gateway can show all of them; `/docs` leads there. */
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { describeAccess } from './access-description.ts';
import { describeOperations } from './api-description.ts';
import { problemSchema } from './schemas.ts';

async function registerOpenapi(
  fastify: FastifyInstance,
  options: { service: string; description: string; version: string; edgeAuth: boolean },
): Promise<void> {
  fastify.addSchema(problemSchema);
  await fastify.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: `Microshop ${options.service}`,
        description: options.description,
        version: options.version,
      },
      tags: [{ name: options.service, description: options.description }],
    },
    transformObject: (documentObject) => {
      if (!('openapiObject' in documentObject)) throw new Error('The description is not an OpenAPI document');
      describeOperations(documentObject.openapiObject);
      if (options.edgeAuth) describeAccess(documentObject.openapiObject);
      return documentObject.openapiObject;
    },
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) => String(json['$id'] ?? `def-${index}`),
    },
  });
  const page = `/docs/${options.service}`;
  await fastify.register(swaggerUi, { routePrefix: page });
  fastify.get('/docs', { schema: { hide: true } }, async (_request, reply) => reply.redirect(page));
}

/** Registers the document and its page. */
export const openapi = fp(registerOpenapi, { name: 'openapi' });
