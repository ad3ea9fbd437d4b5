/** The parts of the native mesh: how each is prepared, started, checked and ended. */
import type { Part } from '../supervision/part.ts';
import { appPart, controlPart } from './apps.ts';
import type { MeshContext } from './context.ts';
import { envoyParts } from './envoy.ts';
import { postgresPart } from './postgres.ts';
import { rabbitmqPart } from './rabbitmq.ts';
import { redisPart } from './redis.ts';
import { jaegerPart, prometheusPart } from './telemetry.ts';

export type { MeshContext } from './context.ts';

/**
 * Every part of one mesh. A part waits for its own tool and for the parts it depends on, so parts start while
 * others' tools are still being made.
 */
export function meshParts(mesh: MeshContext): readonly Part[] {
  return [
    postgresPart(mesh),
    rabbitmqPart(mesh),
    redisPart(mesh),
    jaegerPart(mesh),
    prometheusPart(mesh),
    ...mesh.placement.pods.map((pod) => appPart(mesh, pod)),
    ...envoyParts(mesh),
    controlPart(mesh),
  ];
}
