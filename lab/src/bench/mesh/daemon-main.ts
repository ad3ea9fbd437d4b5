/** Main module of the supervisor process of a measured mesh, in the place of that of `./mesh up --detach`. */
import { runDaemon } from '@microshop/native/supervision/daemon';
import { meshRun } from '@microshop/native/supervision/mesh';
import { instanceNumber, nativePlacement, parseReplicas } from '@microshop/topology';
import { Value } from 'typebox/value';
import { setupSchema } from '../setup.ts';
import { changedParts } from './parts.ts';
import { setupVariable } from './settings.ts';

const setup = Value.Parse(setupSchema, JSON.parse(process.env[setupVariable] ?? 'null'));
const placement = nativePlacement({
  instance: instanceNumber(),
  replicas: parseReplicas(setup.replicas),
});
const run = meshRun(placement);
await runDaemon({
  ...run,
  makeParts: (context) => changedParts(run.makeParts(context), setup, placement, run.directory),
});
