/** The servers' programs for tests that start them by themselves. */
import { definitions, provisionProgress, startProvisioning, toolNames } from '../tools/index.ts';

/** Provisions every tool; the variables that name them (`MESH_ENVOY_BIN=…`), so that tests run what the mesh runs. */
export async function toolVariables(): Promise<Record<string, string>> {
  const progress = provisionProgress();
  const provisioning = startProvisioning(toolNames, { onEvent: progress.onEvent });
  await progress.follow(provisioning);
  const tools = await provisioning.all;
  return Object.fromEntries(
    // a variable that names a directory holds several programs; npm's are found without
    tools
      .filter((tool) => definitions[tool.name].overridePath === undefined)
      .map((tool) => [definitions[tool.name].override, tool.path]),
  );
}
