/** What a command of the checkout is given that this service starts. */
import { userInfo } from 'node:os';

/** Its environment, out of that of this service. */
export function commandEnvironment(given: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const { PATH, MESH_INSTANCE, MESH_CACHE } = given;
  // the runner gives each part its own HOME; the tools are kept in the user's
  const HOME = userInfo().homedir;
  // the command must not inherit what this service was given for itself
  return Object.fromEntries(
    Object.entries({ PATH, HOME, MESH_INSTANCE, MESH_CACHE }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}
