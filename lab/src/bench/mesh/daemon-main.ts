/** Main module of the supervisor process of a measured mesh, in the place of that of `./mesh up --detach`. */
import { runDaemon } from '@microshop/native/supervision/daemon';
import { meshRun } from '@microshop/native/supervision/mesh';
import { instanceNumber, nativePlacement, parseReplicas } from '@microshop/topology';
import { Value } from 'typebox/value';
import { setupSchema } from '../setup.ts';
import { aloneUrls, makeFilesAlone, partsAlone } from './alone.ts';
import { changedParts } from './parts.ts';
import { setupVariable } from './settings.ts';

const setup = Value.Parse(setupSchema, JSON.parse(process.env[setupVariable] ?? 'null'));
const placement = nativePlacement({
  instance: instanceNumber(),
  replicas: parseReplicas(setup.replicas),
});
const { makeParts, ...run } = meshRun(placement);
const { stack } = setup;
if (stack !== 'mesh') await makeFilesAlone(run.directory, placement.pods);
await runDaemon({
  ...run,
  ...(stack === 'mesh' ? {} : { urls: aloneUrls(placement) }),
  makeParts: (context) => {
    const parts = makeParts(context);
    const left = stack === 'mesh' ? parts : partsAlone(parts, stack, placement);
    return changedParts(left, setup, placement, run.directory);
  },
});
