/** For `--import`: puts the edits of `MESH_TEST_EDITS` into the code of this process; see `mutantEnvironment`. */
import { registerHooks } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Edit, edited, root } from './mutant.ts';

const edits: readonly Edit[] = JSON.parse(process.env['MESH_TEST_EDITS'] ?? '[]');
const byUrl = new Map(edits.map((edit) => [pathToFileURL(path.join(root, edit.file)).href, edit]));

registerHooks({
  load(url, context, next) {
    const result = next(url, context);
    const edit = byUrl.get(url);
    return edit === undefined ? result : { ...result, source: edited(String(result.source), edit) };
  },
});
