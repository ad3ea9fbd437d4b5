/** Requests and answers of the users service. */
import { id, text, timestamp } from '@microshop/service-kit';
import { publicKeySchema } from '@microshop/service-kit/tokens/schemas';
import { demoPassword, demoUsers, roles } from '@microshop/topology';
import { Type } from 'typebox';

/** Longest e-mail address (RFC 5321, 4.5.3.1.3: a path is at most 256 octets with its brackets). */
const maxEmailLength = 254;

const email = Type.String({ format: 'email', maxLength: maxEmailLength, pattern: '^[^\\u0000]*$' });

/** `POST /api/users`. */
export const newUserBody = Type.Object(
  {
    email,
    name: text(1, 200, 'Name to show'),
    password: Type.String({ minLength: 8, maxLength: 256, description: 'At least 8 characters' }),
  },
  {
    additionalProperties: false,
    examples: [{ email: 'barbara@example.com', name: 'Barbara', password: demoPassword }],
  },
);

/** `POST /api/users/login`. */
export const loginBody = Type.Object(
  {
    email: Type.String({ minLength: 1, maxLength: maxEmailLength, pattern: '^[^\\u0000]*$' }),
    password: Type.String({ minLength: 1, maxLength: 256 }),
  },
  { additionalProperties: false, examples: [{ email: demoUsers[0].email, password: demoPassword }] },
);

const role = Type.Enum([...roles], {
  type: 'string',
  description: 'Where the gateway authenticates clients: what the user may do, by its next token',
  examples: ['customer'],
});

/** `PATCH /api/users/{id}`, where the gateway authenticates clients. */
export const roleBody = Type.Object({ role }, { additionalProperties: false, examples: [{ role: 'admin' }] });

/** A user as the API shows it. */
export const userSchema = Type.Object({
  id,
  email: Type.String({ examples: [demoUsers[0].email] }),
  name: Type.String({ examples: [demoUsers[0].name] }),
  role: Type.Optional(role),
  created_at: timestamp,
});

/** A user who has logged in. */
export const loggedInSchema = Type.Object({
  ...userSchema.properties,
  token: Type.Optional(
    Type.String({
      description: 'Where the gateway authenticates clients: for `authorization: Bearer …`',
      examples: ['eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmVk'],
    }),
  ),
  expires_at: Type.Optional(
    Type.String({
      format: 'date-time',
      description: 'When the token ends',
      examples: ['2026-11-26T20:15:00.000Z'],
    }),
  ),
});

/** Public keys that verify tokens, as a JWK set (RFC 7517). */
export const keySetSchema = Type.Object({ keys: Type.Array(publicKeySchema) });
