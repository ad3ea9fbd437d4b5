/** The databases of a measured mesh, as their superuser reaches them: its statements may take as long as they need. */
import { superuserClient } from '@microshop/native/parts/postgres';
import { type Placement, serviceNamed } from '@microshop/topology';
import type { TablesSql } from './orders-in-tables.ts';

/** Runs the work with connections to the databases of the mesh in that directory, and closes them. */
export async function withTables<T>(
  mesh: { readonly placement: Placement; readonly directory: string },
  work: (sql: TablesSql) => Promise<T>,
): Promise<T> {
  const open = new Map<string, Awaited<ReturnType<typeof superuserClient>>>();
  const clientOf = async (owner: string) => {
    const known = open.get(owner);
    if (known !== undefined) return known;
    const client = await superuserClient(mesh, serviceNamed(owner).database.name);
    open.set(owner, client);
    await client.connect();
    return client;
  };
  try {
    return await work(async <Row>(owner: string, text: string, params: readonly unknown[] = []) => {
      const client = await clientOf(owner);
      return (await client.query<Row & Record<string, unknown>>(text, [...params])).rows;
    });
  } finally {
    await Promise.all([...open.values()].map((client) => client.end().catch(() => undefined)));
  }
}
