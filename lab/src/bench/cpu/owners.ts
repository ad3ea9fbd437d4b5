/** Which row of the CPU table each part of a running mesh belongs to. */
import { statOf } from '@microshop/native/supervision/proc';
import type { MeshStatus } from '@microshop/native/supervision/supervisor-schemas';
import type { Owners, Row } from './table.ts';

/** Rows of the parts whose kind does not say it. */
const byName: Readonly<Record<string, Row>> = {
  postgres: 'PostgreSQL',
  rabbitmq: 'RabbitMQ',
  redis: 'Redis',
  jaeger: 'Jaeger',
  prometheus: 'Prometheus',
  control: 'control',
};

/** Rows of the parts by their kind. */
const byKind: Readonly<Record<string, Row>> = { app: 'services', sidecar: 'Envoys', gateway: 'Envoys' };

/**
 * The parts by pid and by process group, each part has a group of its own; the runner; and this process, the client. Throws
 * for a part that belongs to no row: its time would go unnoticed.
 */
export function ownersOf(
  { parts, supervisor_pid: supervisor }: Pick<MeshStatus, 'parts' | 'supervisor_pid'>,
  groupOf = (pid: number) => statOf(pid)?.group,
): Owners {
  const owners = new Map<number, Row>();
  for (const { name, kind, pid } of parts) {
    if (pid === null) continue;
    const row = byKind[kind] ?? byName[name];
    if (row === undefined) throw new Error(`The CPU table has no row for ${name}`);
    owners.set(pid, row);
    const group = groupOf(pid);
    if (group !== undefined) owners.set(group, row);
  }
  if (supervisor !== null) owners.set(supervisor, 'runner');
  owners.set(process.pid, 'client');
  return owners;
}
