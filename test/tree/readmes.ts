/** What a README says about imports, read as folders of the tree. */
import { layers } from './rules.ts';

const packages = layers.filter((layer) => layer.startsWith('packages/'));
const others = layers.filter((layer) => !layer.startsWith('packages/'));

/** The layers that may import that one by the rules, from the bottom up. */
export function mayImport(layer: string): readonly string[] {
  if (layer === 'services') return ['test'];
  return layers.slice(layers.indexOf(layer) + 1);
}

/** The layers that a sentence names: `cli/`, `packages/` (all of them), "tests". */
function named(sentence: string): readonly string[] {
  const names = [...sentence.matchAll(/`([a-z/-]+)\/`/g)].map(([, name]) => name);
  return layers.filter(
    (layer) =>
      names.includes(layer) ||
      (names.includes('packages') && packages.includes(layer)) ||
      (layer === 'test' && /\btests\b/i.test(sentence)),
  );
}

/** The sentences of a text, each on one line. */
function sentences(text: string): readonly string[] {
  return text
    .replaceAll(/\s+/g, ' ')
    .split(/(?<=\.) /)
    .flatMap((sentence) => sentence.split('; '));
}

/** Stands for every layer that is not a package. */
const outsidePackages = /everything outside `packages\/`/i;

/** The layers that a README says may import its folder, from the bottom up. */
export function importersSaid(readme: string): readonly string[] {
  const said = sentences(readme).filter((sentence) => /\bmay import it\b/.test(sentence));
  return layers.filter((layer) =>
    said.some((sentence) => {
      const listed = sentence.replace(outsidePackages, '');
      return named(listed).includes(layer) || (listed !== sentence && others.includes(layer));
    }),
  );
}

/** The layers that a README says its folder imports, and may not. */
export function strangersImported(readme: string, layer: string): readonly string[] {
  const said = sentences(readme).filter((sentence) => /^It (may )?imports? /.test(sentence));
  return said.flatMap(named).filter((one) => !mayImport(one).includes(layer));
}
