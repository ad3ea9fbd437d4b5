/** The databases as an independent client sees them; published on loopback in both modes. */
import { serviceNamed } from '@microshop/topology';
import pg from 'pg';
import type { Mesh } from './driver.ts';

/** Access to the databases behind that port. `secret` gives the password of a role. */
export function databases(port: number, secret: Mesh['secret']): Pick<Mesh, 'sql' | 'connectAs' | 'locked'> {
  async function client(role: string, database: string): Promise<pg.Client> {
    const password = await secret(role);
    return new pg.Client({ host: '127.0.0.1', port, user: role, password, database });
  }

  return {
    async locked(service, table, work) {
      const { database } = serviceNamed(service);
      const connection = await client(database.role, database.name);
      await connection.connect();
      try {
        await connection.query('begin');
        await connection.query(`lock table ${connection.escapeIdentifier(table)} in access exclusive mode`);
        return await work();
      } finally {
        await connection.end();
      }
    },
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
