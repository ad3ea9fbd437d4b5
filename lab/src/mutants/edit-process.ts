/** For `--import`: puts the edits that the environment names into the code of this process; see `mutantEnvironment`. */
import { registerHooks } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { type Edit, edited, editsVariable } from './edits.ts';

const edits: readonly Edit[] = JSON.parse(process.env[editsVariable] ?? '[]');
const byUrl = Map.groupBy(edits, ({ file }) => pathToFileURL(path.join(repositoryRoot, file)).href);

registerHooks({
  load(url, context, next) {
    const result = next(url, context);
    const own = byUrl.get(url);
    return own === undefined ? result : { ...result, source: own.reduce(edited, String(result.source)) };
  },
});
