/** Ports are checked before anything starts: one that is in use is reported with the process that holds it. */
import { createServer } from 'node:net';
import { hasCode, messageOf } from '@microshop/program-kit/errors';
import type { BoundPort, Part } from './part.ts';
import { commandOf, listeningSockets, pidOfSocket } from './proc.ts';
import { endingOf } from './run-id.ts';

/** A port a part wants and cannot have. */
export interface PortProblem {
  readonly part: string;
  readonly port: BoundPort;
  /** Who holds it, or what else is wrong with it, in words. */
  readonly reason: string;
  /** How the mesh is ended that holds it, where one does. */
  readonly ending?: string;
}

/** Thrown when parts cannot have their ports; nothing was started. */
export class PortsInUseError extends Error {
  override readonly name = 'PortsInUseError';
  readonly problems: readonly PortProblem[];
  constructor(problems: readonly PortProblem[]) {
    const lines = problems.map(
      ({ part, port, reason }) => `  ${port.host}:${port.port} for ${part}, ${port.purpose}: ${reason}`,
    );
    super(
      [
        problems.length === 1
          ? 'A port is not free; nothing was started:'
          : 'Ports are not free; nothing was started:',
        ...lines,
        ...new Set(problems.flatMap(({ ending }) => ending ?? [])),
        'End what holds them, set the variables named, or use another mesh: MESH_INSTANCE, 1 to 9, moves all ports.',
      ].join('\n'),
    );
    this.problems = problems;
  }
}

/**
 * Throws unless each part has ports of its own, and names all pairs that have not: one process would come first, and
 * the other could never bind.
 */
export function checkPortsApart(parts: readonly Part[]): void {
  const wanted = parts.flatMap((part) => part.ports);
  const pairs = wanted.flatMap((port, index) =>
    wanted
      .slice(index + 1)
      .filter((other) => other.host === port.host && other.port === port.port)
      .map((other) => `${port.host}:${port.port} is the port of ${port.purpose} and of ${other.purpose}`),
  );
  if (pairs.length > 0)
    throw new Error(`${pairs.join('\n')}\nSet one of the variables named to another port`);
}

/** Longest command line shown. */
const shownCommand = 120;

/** Why a port is not free. */
type Obstacle = Pick<PortProblem, 'reason' | 'ending'>;

/** Who listens where `port` wants to: a socket on the same address, or on all of them. */
function holderOf(port: BoundPort): Obstacle {
  const sockets = listeningSockets().filter(
    (socket) => socket.port === port.port && [port.host, '0.0.0.0', '::'].includes(socket.host),
  );
  const [socket] = sockets;
  if (socket === undefined) return { reason: 'in use, by no process that is visible from here' };
  const pid = pidOfSocket(socket.inode);
  if (pid === undefined) {
    return { reason: `in use by a process of user id ${socket.uid} that only that user or root can see` };
  }
  const command = commandOf(pid) ?? 'unknown command';
  const short = command.length > shownCommand ? `${command.slice(0, shownCommand)}…` : command;
  const ending = endingOf(pid);
  return { reason: `in use by pid ${pid} (${short})`, ...(ending === undefined ? {} : { ending }) };
}

/** Why a port cannot be bound, or `undefined` when it can. */
async function problemOf(port: BoundPort): Promise<Obstacle | undefined> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: port.host, port: port.port, exclusive: true }, resolve);
    });
    await new Promise((resolve) => server.close(resolve));
    return undefined;
  } catch (error) {
    if (hasCode(error, 'EADDRINUSE')) return holderOf(port);
    if (hasCode(error, 'EADDRNOTAVAIL')) return { reason: `this machine has no address ${port.host}` };
    if (hasCode(error, 'EACCES')) return { reason: 'only root may bind it' };
    return { reason: messageOf(error) };
  }
}

/** Every port of the parts that cannot be bound now. */
export async function portProblems(parts: readonly Part[]): Promise<PortProblem[]> {
  const wanted = parts.flatMap((part) => part.ports.map((port) => ({ part: part.name, port })));
  const found: PortProblem[] = [];
  // one after the other: two parts with the same port must not hide each other's answer
  for (const { part, port } of wanted) {
    const obstacle = await problemOf(port);
    if (obstacle !== undefined) found.push({ part, port, ...obstacle });
  }
  return found;
}

/** Throws {@link PortsInUseError} unless every port of the parts is free. */
export async function checkPorts(parts: readonly Part[]): Promise<void> {
  const problems = await portProblems(parts);
  if (problems.length > 0) throw new PortsInUseError(problems);
}
