/** All tools at once, with progress, for those who cannot begin before the last of them is there. */
import { ExplainedError } from '@microshop/program-kit/errors';
import { ToolsUnavailableError } from './errors.ts';
import { provisionProgress } from './progress.ts';
import { startProvisioning } from './provision.ts';
import { type Tool, toolNames } from './tool.ts';

/** Provisions what is missing, and shows how that goes. Throws `ExplainedError` with the reason for each it could not get. */
export async function everyTool(): Promise<readonly Tool[]> {
  const progress = provisionProgress();
  const provisioning = startProvisioning(toolNames, { onEvent: progress.onEvent });
  await progress.follow(provisioning);
  return await provisioning.all.catch((error: unknown) => {
    throw error instanceof ToolsUnavailableError
      ? new ExplainedError(error.message, { cause: error })
      : error;
  });
}
