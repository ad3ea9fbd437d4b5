/** The databases as somebody with a client of their own sees them; published on loopback in both modes. */
import pg from 'pg';
import type { Mesh } from './driver.ts';

/** Access to the databases behind that port, and a client of a role's own. `secret` gives the password of a role. */
export function databases(
  port: number,
  secret: Mesh['secret'],
): Pick<Mesh, 'sql' | 'connectAs'> & { client(role: string, database: string): Promise<pg.Client> } {
  async function client(role: string, database: string): Promise<pg.Client> {
    const password = await secret(role);
    return new pg.Client({ host: '127.0.0.1', port, user: role, password, database });
  }

  return {
    client,
    async sql(database, text, params = []) {
      const connection = await client('audit', database);
      await connection.connect();
      try {
        return (await connection.query(text, [...params])).rows;
      } finally {
        await connection.end();
      }
    },
    async connectAs(role, database) {
      const connection = await client(role, database);
      try {
        await connection.connect();
        return 'connected';
      } catch (error) {
        if (error instanceof pg.DatabaseError && error.code !== undefined) return error.code;
        throw error;
      } finally {
        await connection.end();
      }
    },
  };
}
