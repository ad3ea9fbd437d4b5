/** The recipes of CONTRIBUTING.md: which edits they list, and which names in them the code does not have. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** One edit of a recipe. */
export interface Step {
  /** What it begins with: a file, a folder or a command. */
  readonly subject: string;
  /** Everything in backticks, in order. */
  readonly names: readonly string[];
}

/** The steps of each recipe, by title. Throws when the page has no section "Recipes". */
export function recipesOf(page: string): ReadonlyMap<string, readonly Step[]> {
  const [, section] = /^## Recipes\n(.*?)^## /ms.exec(page) ?? [];
  if (section === undefined) throw new Error('CONTRIBUTING.md has no section "Recipes"');
  const [, ...recipes] = section.split(/^### /m);
  return new Map(
    recipes.map((recipe) => {
      const [title = '', ...lines] = recipe.split('\n');
      return [title, stepsOf(lines.join('\n'))];
    }),
  );
}

function stepsOf(text: string): readonly Step[] {
  const steps = [...text.matchAll(/^\d+\. (.*(?:\n {3}.*)*)/gm)].map(([, step = '']) => step);
  return steps.map((step) => {
    const names = [...step.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name.replaceAll(/\s+/g, ' '));
    return { subject: names[0] ?? '', names };
  });
}

/** The files of a path in a recipe: of a folder all that are directly in it; `<name>` stands for any name. */
export function filesNamed(name: string, files: readonly string[]): readonly string[] {
  const parts = name.split(/<\w+>/).map((part) => part.replaceAll('.', '\\.'));
  const pattern = new RegExp(`^${parts.join('[^/]+')}${name.endsWith('/') ? '' : '$'}`);
  return files.filter((file) => pattern.test(file));
}

/** What is in backticks and not in the tree: paths, symbols that no file of their step has, scripts of npm. */
export function strangersIn(steps: readonly Step[], root: string, files: readonly string[]): string[] {
  const textOf = (file: string) => readFileSync(path.join(root, file), 'utf8');
  return steps.flatMap(({ names }) => {
    const paths = names.filter((name) => /^\w[^ ]*\//.test(name));
    const ofStep = paths.flatMap((name) => filesNamed(name, files));
    return names.filter((name) => {
      if (paths.includes(name)) return filesNamed(name, files).length === 0;
      const [, file] = /^node (\S+)$/.exec(name) ?? [];
      if (file !== undefined) return !files.includes(file);
      const [, script] = /^npm run (\S+)/.exec(name) ?? [];
      if (script !== undefined) return !scriptsOf(textOf, files).includes(script);
      const word = new RegExp(`\\b${name}\\b`);
      return /^\w+$/.test(name) && !ofStep.some((one) => word.test(textOf(one)));
    });
  });
}

/** Names of the scripts of all workspaces. */
function scriptsOf(textOf: (file: string) => string, files: readonly string[]): readonly string[] {
  return files
    .filter((file) => path.basename(file) === 'package.json')
    .flatMap((file) => {
      const { scripts = {} }: { readonly scripts?: object } = JSON.parse(textOf(file));
      return Object.keys(scripts);
    });
}
