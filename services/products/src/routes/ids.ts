/** `?ids=` of the list of products. */
import { badRequest } from '@microshop/service-kit';
import { maxId } from '@microshop/topology';

/** Most ids that it takes: as many as an order has lines. */
const maxIds = 100;

/** The ids in that text. Throws a problem that says what they must be. */
export function parseIds(text: string): number[] {
  const parts = text.split(',');
  if (parts.length > maxIds) throw badRequest(`query.ids must hold at most ${maxIds} ids`);
  const ids = parts.map((part) => (/^[1-9]\d*$/.test(part) ? Number(part) : 0));
  if (ids.some((id) => id < 1 || id > maxId)) {
    throw badRequest(`query.ids must be ids from 1 to ${maxId}, with commas between them: 1,2`);
  }
  return ids;
}
