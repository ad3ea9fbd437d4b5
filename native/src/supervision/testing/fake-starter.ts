/** Main module of a process that starts a supervisor of fakes, as `./mesh up --detach` does: for tests that kill it meanwhile. */
import { fileURLToPath } from 'node:url';
import { runDirectory } from '@microshop/program-kit/run-directory';
import { startDaemon } from '../daemon.ts';

const { root }: { root: string } = JSON.parse(process.env['FAKE_MESH'] ?? '');

await startDaemon({
  directory: runDirectory(1, root),
  replicas: {},
  report: () => undefined,
  entry: fileURLToPath(new URL('./fake-daemon.ts', import.meta.url)),
});
