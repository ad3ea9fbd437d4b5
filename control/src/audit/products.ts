/** Products: their stock, their movements, and what was sold of them. */
import { type Found, finder } from './found.ts';
import type { Snapshot } from './sources.ts';

/** A product with the sums of its movements. */
export interface ProductRow {
  readonly id: number;
  /** Null when there are movements of it and no product. */
  readonly stock: number | null;
  /** Sum of all movements. */
  readonly movements: number;
  /** Sum of what came in by hand or at first. */
  readonly supplied: number;
}

/** Units of a product in confirmed orders. */
export interface SoldRow {
  readonly id: number;
  readonly sold: number;
}

/** What can be wrong with products. */
export interface ProductFindings {
  readonly wrongStock: Found;
  readonly oversold: Found;
}

const productsSql = `
  select coalesce(products.id, product_id) as id, stock, coalesce(movements, 0)::float8 as movements,
    coalesce(supplied, 0)::float8 as supplied
  from products full join (
    select product_id, sum(delta) as movements, sum(delta) filter (where kind <> 'reserved') as supplied
    from stock_movements group by product_id
  ) as movement on product_id = products.id
  order by 1`;

/** All that was ordered, less what was not confirmed, which is little: joining all of it costs twice as much. */
const soldSql = `
  select product_id as id, (units - coalesce(unconfirmed, 0))::float8 as sold
  from (select product_id, sum(quantity) as units from order_lines group by product_id) as line
  left join (
    select product_id, sum(quantity) as unconfirmed from order_lines join orders on orders.id = order_id
    where status in ('PENDING', 'REJECTED') group by product_id
  ) as open using (product_id)
  order by 1`;

/**
 * Judges every product; both databases are read by product id, side by side. Without `orders` what was sold is not held
 * against anything. The snapshot of products must be the later one: what had been sold was supplied before.
 */
export async function judgeProducts(
  products: Snapshot,
  orders: Snapshot | undefined,
): Promise<ProductFindings> {
  const wrongStock = finder();
  const oversold = finder();
  const sold = orders === undefined ? undefined : reader(orders.pages<SoldRow>(soldSql));
  const judge = (id: number, product: ProductRow | undefined, units: number) => {
    const { stock = null, movements = 0, supplied = 0 } = product ?? {};
    if (stock === null && movements !== 0)
      wrongStock.add(`product ${id}: no such product, sum of movements ${movements}`);
    if (stock !== null && stock !== movements)
      wrongStock.add(`product ${id}: stock ${stock}, sum of movements ${movements}`);
    if (stock !== null && stock < 0) oversold.add(`product ${id}: stock ${stock}`);
    else if (units > supplied) oversold.add(`product ${id}: ${units} sold, ${supplied} supplied`);
  };

  let next = await sold?.next();
  for await (const page of products.pages<ProductRow>(productsSql)) {
    for (const product of page) {
      while (next !== undefined && next.id < product.id) {
        judge(next.id, undefined, next.sold);
        next = await sold?.next();
      }
      const mine = next?.id === product.id ? next : undefined;
      judge(product.id, product, mine?.sold ?? 0);
      if (mine !== undefined) next = await sold?.next();
    }
  }
  for (; next !== undefined; next = await sold?.next()) judge(next.id, undefined, next.sold);
  return { wrongStock: wrongStock.found(), oversold: oversold.found() };
}

/** The rows of pages, one after the other. */
function reader<Row>(pages: AsyncGenerator<Row[]>): { next(): Promise<Row | undefined> } {
  let page: Row[] = [];
  let at = 0;
  return {
    async next() {
      if (at === page.length) {
        const more = await pages.next();
        if (more.done === true) return undefined;
        page = more.value;
        at = 0;
      }
      const row = page[at];
      at += 1;
      return row;
    },
  };
}
