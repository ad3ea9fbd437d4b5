/** The program k6, provisioned when it is missing. */
import { provisionProgress, startProvisioning } from '@microshop/native/tools/index';
import { messageOf } from '@microshop/program-kit/errors';
import { CommandFailed } from '../output/errors.ts';

/** Path of k6. Throws `CommandFailed` when it is not available. */
export async function k6Program(): Promise<string> {
  const progress = provisionProgress();
  const provisioning = startProvisioning(['k6'], { onEvent: progress.onEvent });
  await progress.follow(provisioning);
  try {
    return (await provisioning.tool('k6')).path;
  } catch (error) {
    throw new CommandFailed(`k6 is not available: ${messageOf(error)}`, { cause: error });
  }
}
