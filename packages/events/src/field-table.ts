/** How large values are in a table of AMQP 0-9-1, as amqplib encodes them; what it cannot encode has no size. */

/** Longest name in a table, bytes. */
const maxNameBytes = 255;

/** Tables nested deeper than this are not plausible as headers. */
const maxDepth = 32;

/** Bytes of one field: its name and its value. Undefined when it cannot be encoded. */
export function fieldBytes(name: string, value: unknown): number | undefined {
  const nameBytes = Buffer.byteLength(name);
  const bytes = valueBytes(value, 0);
  return bytes === undefined || nameBytes > maxNameBytes ? undefined : 1 + nameBytes + bytes;
}

/** With the byte that tells the type. */
function valueBytes(value: unknown, depth: number): number | undefined {
  if (depth > maxDepth) return undefined;
  switch (typeof value) {
    case 'string':
      return 5 + Buffer.byteLength(value);
    case 'boolean':
      return 2;
    case 'number':
      // its guess of a type for these is a 64-bit integer, which they are not
      return Number.isNaN(value) || value === Number.NEGATIVE_INFINITY ? undefined : 9;
    case 'object':
      return value === null ? 1 : objectBytes(value, depth);
    default:
      return undefined;
  }
}

function objectBytes(value: object, depth: number): number | undefined {
  if (Buffer.isBuffer(value)) return 5 + value.length;
  if (Array.isArray(value)) return sum(value.map((item) => valueBytes(item, depth + 1)));
  // amqplib marks types so: timestamps and decimals that it has decoded, and any field that a vendor named `!`
  if ('!' in value) return typedBytes(value);
  const fields = Object.entries(value);
  if (fields.some(([name]) => Buffer.byteLength(name) > maxNameBytes)) return undefined;
  return sum(
    fields.map(([name, item]) => {
      const bytes = valueBytes(item, depth + 1);
      return bytes === undefined ? undefined : 1 + Buffer.byteLength(name) + bytes;
    }),
  );
}

function typedBytes(typed: { readonly '!'?: unknown; readonly value?: unknown }): number | undefined {
  const { '!': type, value } = typed;
  if (type === 'timestamp' && typeof value === 'number') return value >= 0 && value < 2 ** 64 ? 9 : undefined;
  return type === 'decimal' && typeof value === 'object' ? 6 : undefined;
}

function sum(parts: readonly (number | undefined)[]): number | undefined {
  return parts.reduce<number | undefined>(
    (total, bytes) => (total === undefined || bytes === undefined ? undefined : total + bytes),
    5,
  );
}
