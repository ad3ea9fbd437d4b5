/**
 * MikroORM's PostgreSQL driver, with bound parameters. MikroORM 7 writes the values into the text of its statements,
 * and from there they go to wherever statements are recorded: spans, the log of the server, `pg_stat_activity`.
 */
import { type AnyEntity, type EntityData, isRaw, type QueryResult } from '@mikro-orm/core';
import {
  NativeQueryBuilder,
  PostgreSqlConnection,
  PostgreSqlDriver,
  PostgreSqlPlatform,
  raw,
} from '@mikro-orm/postgresql';
import { CompiledQuery } from 'kysely';

/** A statement for the server, and what its `$1`, `$2`, … stand for. */
export interface BoundStatement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Where the platform would write a value, it gets the next placeholder, and the value is kept separately. */
class BindingPlatform extends PostgreSqlPlatform {
  #values: unknown[] = [];

  bind(text: string, params: readonly unknown[]): BoundStatement {
    this.#values = [];
    return { text: this.formatQuery(text, params), values: this.#values };
  }

  override quoteValue(value: unknown): string {
    if (isRaw(value)) return this.formatQuery(value.sql, value.params);
    // `in (?)` takes all of them; a column that is an array comes as text
    if (Array.isArray(value)) return value.map((one) => this.quoteValue(one)).join(', ');
    this.#values.push(value);
    return `$${this.#values.length}`;
  }
}

/** A statement of MikroORM (`?` for values, `??` for identifiers) as PostgreSQL takes it. */
export function bindStatement(text: string, params: readonly unknown[]): BoundStatement {
  return platform.bind(text, params);
}

const platform = new BindingPlatform();

type Execute = PostgreSqlConnection['execute'];

class BindingConnection extends PostgreSqlConnection {
  override async execute<
    T extends QueryResult | EntityData<AnyEntity> | EntityData<AnyEntity>[] = EntityData<AnyEntity>[],
  >(
    query: Parameters<Execute>[0],
    params: Parameters<Execute>[1] = [],
    method: Parameters<Execute>[2] = 'all',
    ctx?: Parameters<Execute>[3],
  ): Promise<T> {
    await this.ensureConnection();
    const fragment =
      query instanceof NativeQueryBuilder ? query.toRaw() : isRaw(query) ? query : raw(query, params);
    const { text, values } = bindStatement(fragment.sql, fragment.params);
    return this.executeQuery(text, async () => {
      const result = await (ctx ?? this.getClient()).executeQuery(CompiledQuery.raw(text, [...values]));
      return this.transformRawResult<T>(result, method);
    });
  }
}

/** The driver. */
export class BoundPostgreSqlDriver extends PostgreSqlDriver {
  // takes the place of the connection that the base class made; neither has connected yet
  protected override readonly connection: PostgreSqlConnection = new BindingConnection(this.config);
}
