/** What Redis holds of a product. Anybody who reaches Redis can write there, so it is read as input is. */
import { maxId } from '@microshop/topology';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { productDescription, productName } from '../domain/texts.ts';
import type { CatalogueEntry } from '../store/catalogue.ts';

const entry = Compile(
  Type.Object(
    {
      id: Type.Integer({ minimum: 1, maximum: maxId }),
      revision: Type.Integer({ minimum: 1, maximum: maxId }),
      name: productName,
      description: productDescription,
    },
    { additionalProperties: false },
  ),
);

/** The entry of that id in a text of Redis, or what is wrong with it: nothing of the text itself. */
export function readEntry(text: string, id: number): CatalogueEntry | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'not JSON';
  }
  if (!entry.Check(value)) {
    const [first] = entry.Errors(value);
    return `not of the shape of an entry: ${first?.instancePath ?? ''} ${first?.message ?? ''}`;
  }
  if (value.id !== id) return `the entry of product ${value.id}`;
  return value.name.isWellFormed() && value.description.isWellFormed() ? value : 'not Unicode';
}
