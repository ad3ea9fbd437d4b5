/**
 * Who may do what, operation by operation: the gateway's rules and the refusals in the description of the API are made from
 * it. It applies where clients are authenticated (`edge-auth.ts`); peers inside the mesh are let in by their certificates.
 */
import { servedMethods } from './http-limits.ts';
import type { ServiceName } from './services.ts';

/**
 * Who may use an operation. `own`: any user that is known, and the service lets each see and change what is its own; an
 * admin may everything.
 */
export type Access = 'everybody' | 'own' | 'admin';

/** One operation of the API, by the names of its description. */
export interface Operation {
  /** `operationId`. */
  readonly name: string;
  readonly service: ServiceName;
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** Path with `{id}` in it. */
  readonly path: string;
  readonly access: Access;
  /** Not there where clients are not authenticated. */
  readonly onlyWithEdgeAuth?: true;
}

/**
 * Every operation of the shop. A path that is missing here is for admins; one that is named takes no other methods
 * ({@link methodsOfPaths}).
 */
export const operations: readonly Operation[] = [
  { name: 'createUser', service: 'users', method: 'POST', path: '/api/users', access: 'everybody' },
  { name: 'logIn', service: 'users', method: 'POST', path: '/api/users/login', access: 'everybody' },
  {
    name: 'listKeys',
    service: 'users',
    method: 'GET',
    path: '/api/users/keys',
    access: 'everybody',
    onlyWithEdgeAuth: true,
  },
  { name: 'listUsers', service: 'users', method: 'GET', path: '/api/users', access: 'admin' },
  { name: 'showUser', service: 'users', method: 'GET', path: '/api/users/{id}', access: 'own' },
  {
    name: 'changeRole',
    service: 'users',
    method: 'PATCH',
    path: '/api/users/{id}',
    access: 'admin',
    onlyWithEdgeAuth: true,
  },
  { name: 'createProduct', service: 'products', method: 'POST', path: '/api/products', access: 'admin' },
  { name: 'listProducts', service: 'products', method: 'GET', path: '/api/products', access: 'everybody' },
  {
    name: 'showProduct',
    service: 'products',
    method: 'GET',
    path: '/api/products/{id}',
    access: 'everybody',
  },
  {
    name: 'changeProduct',
    service: 'products',
    method: 'PATCH',
    path: '/api/products/{id}',
    access: 'admin',
  },
  {
    name: 'changeStock',
    service: 'products',
    method: 'POST',
    path: '/api/products/{id}/stock',
    access: 'admin',
  },
  { name: 'placeOrder', service: 'orders', method: 'POST', path: '/api/orders', access: 'own' },
  { name: 'listOrders', service: 'orders', method: 'GET', path: '/api/orders', access: 'own' },
  { name: 'showOrder', service: 'orders', method: 'GET', path: '/api/orders/{id}', access: 'own' },
];

/** Who may use the operation of that method at that path, with `{id}` in it. */
export function accessTo(method: string, path: string): Access {
  return operations.find((one) => one.method === method && one.path === path)?.access ?? 'admin';
}

/** A path of the API, with `{id}` in it, and the methods that it takes. */
export interface PathMethods {
  readonly path: string;
  readonly methods: readonly string[];
}

/** Every path of the operations that there are, with and without authentication of clients; `HEAD` goes wherever `GET` does. */
export function methodsOfPaths(edgeAuth: boolean): readonly PathMethods[] {
  const there = operations.filter(({ onlyWithEdgeAuth = false }) => edgeAuth || !onlyWithEdgeAuth);
  return [...Map.groupBy(there, ({ path }) => path)].map(([path, named]) => ({
    path,
    methods: servedMethods.filter((method) =>
      named.some((one) => one.method === (method === 'HEAD' ? 'GET' : method)),
    ),
  }));
}
