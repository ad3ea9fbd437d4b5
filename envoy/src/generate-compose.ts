/** Writes the committed bootstraps of compose mode: `npm run generate -w @microshop/envoy`. */
import { fileURLToPath } from 'node:url';
import { composePlacement } from '@microshop/topology';
import { writeBootstraps } from './write.ts';

/** Where the committed bootstraps are. */
const directory = fileURLToPath(new URL('../generated/compose', import.meta.url));

for (const file of Object.values(await writeBootstraps(composePlacement(), directory))) {
  process.stderr.write(`${file}\n`);
}
