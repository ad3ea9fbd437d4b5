/** Parts of the page that are loaded when they are needed, which may be while the control service is stopped. */
import { sessionPath } from '@microshop/control/console/schemas';

/** Time between two questions whether it answers, milliseconds. */
const everyMs = 2000;

const answers = () =>
  fetch(sessionPath).then(
    () => true,
    () => false,
  );

/**
 * Loads a part. When the control service does not answer it waits until that does, and loads the page again at its address: a
 * browser would keep that the part, or its style, was not there. Throws when the service answers and has no such part, as after another build.
 */
export async function loaded<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (await answers()) throw error;
    do await new Promise((resolve) => setTimeout(resolve, everyMs));
    while (!(await answers()));
    window.location.reload();
    // the document is about to be unloaded
    return await new Promise<never>(() => undefined);
  }
}
