/** Commands that cannot work in a container say so. */
import { insteadHere } from '@microshop/program-kit/typed-here';
import { UsageError } from '../output/errors.ts';

/** Throws `UsageError`, with what to use instead, for a command that cannot work in a container. */
export function refuseInContainers(command: string, env: NodeJS.ProcessEnv = process.env): void {
  const instead = insteadHere(command, env);
  if (instead === undefined) return;
  throw new UsageError(`\`${command}\` works on the host, not in a container; use: ${instead}`);
}
