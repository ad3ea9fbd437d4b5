/** Parts of the running mesh started again with edits in their code, and without them afterwards. */
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UnknownPartError } from '@microshop/native/supervision/supervisor';
import type { SupervisorClient } from '@microshop/native/supervision/supervisor-client';
import { mutantFile } from '@microshop/program-kit/run-directory';
import { type Placement, podsOf, type ServiceName } from '@microshop/topology';
import { type Edit, mutantEnvironment } from './edits.ts';

/** Code of a service, or of the control service, without a protection. */
export interface EditedCode {
  readonly service: ServiceName | 'control';
  readonly edits: readonly Edit[];
}

/** What {@link startEdited} needs. */
export interface EditedPlace {
  readonly client: SupervisorClient;
  readonly placement: Placement;
  /** Directory of what the runner adds to the environment of our own processes. */
  readonly mutants: string;
}

/** Starts every replica of the service again with that code. */
export async function startEdited({ service, edits }: EditedCode, place: EditedPlace): Promise<void> {
  const { client, placement, mutants } = place;
  const runner = client.holder()?.pid;
  await mkdir(mutants, { recursive: true });
  const parts = service === 'control' ? [service] : podsOf(placement, service).map(({ app }) => app);
  for (const part of parts) {
    const text = JSON.stringify({ runner_pid: runner, env: mutantEnvironment(edits) });
    await writeFile(mutantFile(mutants, part), text, { mode: 0o600 });
    await client.act('restart', part);
  }
}

/** Behind the name of a part that is to run its own code again, and may not do so yet. */
const ending = '.ending';

/**
 * Starts again, with the code as it is, what {@link startEdited} has changed, in this command or in one that was killed. Each part
 * stays marked until it has been started: what is killed meanwhile leaves that to the next command.
 */
export async function endEdited({
  client,
  mutants,
}: Pick<EditedPlace, 'mutants'> & { readonly client: Pick<SupervisorClient, 'act'> }): Promise<void> {
  const files = await readdir(mutants).catch((): string[] => []);
  for (const file of files) {
    const part = path.parse(file).name;
    const mark = path.join(mutants, `${part}${ending}`);
    await rename(path.join(mutants, file), mark);
    try {
      await client.act('restart', part);
    } catch (error) {
      // a replica that the mesh no longer has runs no code
      if (!(error instanceof UnknownPartError)) throw error;
    }
    await rm(mark, { force: true });
  }
}
