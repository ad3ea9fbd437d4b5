/** Texts about a product: what the API takes, and what the cache may hold. */
import { text } from '@microshop/service-kit';
import { Type } from 'typebox';

/** Name, 1 to 200 characters. */
export const productName = text(1, 200, 'Name of the product');

/** Description, up to 4000 characters; PostgreSQL stores no NUL. */
export const productDescription = Type.String({ maxLength: 4000, pattern: '^[^\\u0000]*$' });
