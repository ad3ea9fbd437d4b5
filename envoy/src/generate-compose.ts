/** Writes the committed configurations of compose mode: `npm run generate -w @microshop/envoy`. */
import { fileURLToPath } from 'node:url';
import { composePlacement } from '@microshop/topology';
import { writeEnvoyConfigs } from './write.ts';

/** Where the committed configurations are. */
const directory = fileURLToPath(new URL('../generated/compose', import.meta.url));

for (const file of Object.values(await writeEnvoyConfigs(composePlacement(), directory))) {
  process.stderr.write(`${file}\n`);
}
