/** The lines about one order for people: when, who, what, how long. `--json` has them as they stand in the logs. */

import type { LogLine } from '@microshop/control/logs/lines';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { columns } from '../output/columns.ts';
import { styled } from '../output/style.ts';

type Fields = Readonly<Record<string, unknown>>;

const fieldsSchema = Type.Record(Type.String(), Type.Unknown());

/** The story as a table. An Envoy's line bears the time its request began, an app's the time it ended. */
export function storyLines(lines: readonly LogLine[]): string[] {
  return columns(
    ['time (UTC)', 'part', 'ms', 'what'],
    lines.map(({ part, time, text }) => {
      const fields = fieldsOf(text);
      const ms = number(fields, 'duration_ms');
      return [
        new Date(time).toISOString().slice(11, 23),
        styled('cyan', part),
        ms === undefined ? '' : ms.toFixed(1),
        coloured(fields, [headOf(fields), ...detailsOf(fields)].join(', ')),
      ];
    }),
    ['ms'],
    // a log entry stays on one line, so that it can be searched
    Number.POSITIVE_INFINITY,
  );
}

function fieldsOf(text: string): Fields {
  const value: unknown = JSON.parse(text);
  return Value.Check(fieldsSchema, value) ? value : {};
}

function word(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function number(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  return typeof value === 'number' ? value : undefined;
}

/** What happened; of a request also its method, target and status. */
function headOf(fields: Fields): string {
  const method = word(fields, 'method');
  const what = occasionOf(fields);
  if (method === undefined) return what;
  const target = word(fields, 'url') ?? word(fields, 'path') ?? '';
  const status = word(fields, 'status');
  // Envoy logs 0 when the client disconnected before the answer
  return `${what}: ${method} ${target} ${status === undefined || status === '0' ? 'no answer' : status}`;
}

/** Envoys say "request" of every one; the direction says which. */
function occasionOf(fields: Fields): string {
  switch (word(fields, 'direction')) {
    case 'edge':
      return 'request of a client';
    case 'inbound':
      return `request from ${word(fields, 'caller') ?? 'an unknown caller'}`;
    case 'outbound':
      return `call to ${word(fields, 'host') ?? 'a peer'}`;
    default:
      return word(fields, 'msg') ?? '';
  }
}

/** What else the line says, as far as it is out of the ordinary or about the order. */
function detailsOf(fields: Fields): string[] {
  const tries = number(fields, 'attempts') ?? 1;
  const named = (name: string, shown: string, ordinary?: string): string[] => {
    const value = word(fields, name);
    return value === undefined || value === ordinary ? [] : [`${shown} ${value}`];
  };
  return [
    ...(tries > 1 ? [`${tries} attempts`] : []),
    ...named('response_flags', 'flags', '-'),
    ...named('upstream_failure', 'failure:'),
    ...named('error_class', 'error class'),
    ...named('breaker_state', 'breaker', 'closed'),
    ...named('order_id', 'order'),
    ...named('user_id', 'user'),
    ...(word(fields, 'method') === undefined ? named('status', 'status') : []),
    ...named('type', 'event'),
    ...named('queue', 'queue'),
    ...named('code', 'code'),
    ...named('reason', 'reason:'),
    ...reasonOf(fields['err']),
  ];
}

function reasonOf(error: unknown): string[] {
  return Value.Check(fieldsSchema, error) && typeof error['message'] === 'string'
    ? [`reason: ${error['message']}`]
    : [];
}

function coloured(fields: Fields, text: string): string {
  const level = word(fields, 'level');
  if (level === 'error' || level === 'fatal' || level === 'critical') return styled('red', text);
  return level === 'warn' || level === 'warning' ? styled('yellow', text) : text;
}
