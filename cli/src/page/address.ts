/** The address of the console's page, which hands over a code: it opens once, as a page that may change the mesh. */
import { codeMark } from '@microshop/control/console/schemas';
import { controlClient } from '../mesh/control-client.ts';

/**
 * A new address; `control` is where the service is asked, `shown` where a person reaches it, both `http://host:port`. Throws
 * what the client of the control service throws.
 */
export async function pageAddress(control: string, shown: string): Promise<string> {
  return `${shown}/${codeMark}${await controlClient(control).pageCode()}`;
}
