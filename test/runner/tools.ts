/** The servers' programs for tests that start them by themselves. */
import { definitions, everyTool } from '@microshop/native/tools/index';
import { ended } from './ended.ts';

/** Provisions every tool; the variables that name them (`MESH_ENVOY_BIN=…`), so that tests run what the mesh runs. */
export async function toolVariables(): Promise<Record<string, string>> {
  const tools = await everyTool(ended);
  return Object.fromEntries(
    // a variable that names a directory holds several programs; npm's are found without
    tools
      .filter((tool) => definitions[tool.name].overridePath === undefined)
      .map((tool) => [definitions[tool.name].override, tool.path]),
  );
}
