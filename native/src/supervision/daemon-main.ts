/** Main module of the supervisor process of `./mesh up --detach`. */

import { nativePlacement, parseReplicas } from '@microshop/topology';
import { runDaemon } from './daemon.ts';
import { meshRun } from './mesh.ts';

const settings: unknown = JSON.parse(process.argv[2] ?? '{}');
if (
  typeof settings !== 'object' ||
  settings === null ||
  !('instance' in settings && 'replicas' in settings)
) {
  throw new Error('Called with no settings: this module is started by ./mesh up --detach');
}
const { instance, replicas } = settings;
if (typeof instance !== 'number') throw new Error('instance must be a number');
await runDaemon(meshRun(nativePlacement({ instance, replicas: parseReplicas(replicas) })));
