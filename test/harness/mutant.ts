/** Loads code with a defect put in, so that a test can be tested: with the defect it has to fail. */
import { randomUUID } from 'node:crypto';
import { registerHooks } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Edit, edited } from '@microshop/lab/mutants/edits';

export { type Edit, mutantEnvironment } from '@microshop/lab/mutants/edits';

/** The checkout. */
export const root = path.resolve(import.meta.dirname, '../..');

/** Loads a module of the checkout, by its path. */
export type Load = <Module>(file: string) => Promise<Module>;

/** The code as it is. */
export const asItIs: Load = (file) => import(pathToFileURL(path.join(root, file)).href);

/**
 * Loads modules, with all of the checkout that they import, as they would be after those edits. Nothing is written: the
 * source is changed on its way into the module loader.
 */
export function withEdits(edits: readonly Edit[]): Load {
  const query = `mutant=${randomUUID()}`;
  const urls = new Map(edits.map((edit) => [pathToFileURL(path.join(root, edit.file)).href, edit]));
  registerHooks({
    resolve(specifier, context, next) {
      const result = next(specifier, context);
      const ours = result.url.startsWith('file:') && !result.url.includes('/node_modules/');
      if (!ours || !(context.parentURL ?? '').endsWith(query)) return result;
      return { ...result, url: `${result.url}?${query}` };
    },
    load(url, context, next) {
      const result = next(url, context);
      const edit = url.endsWith(query) ? urls.get(url.slice(0, -query.length - 1)) : undefined;
      if (edit === undefined) return result;
      return { ...result, source: edited(String(result.source), edit) };
    },
  });
  return (file) => import(`${pathToFileURL(path.join(root, file)).href}?${query}`);
}
