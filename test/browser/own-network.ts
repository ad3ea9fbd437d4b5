/**
 * A network for the browser alone. Chromium drops its requests (ERR_NETWORK_CHANGED) when an interface comes or goes in its network
 * namespace, as those of containers do. It is driven over a pipe, so it can have a namespace of its own with nothing but the loopback
 * in it. From there a socket in the file system, which namespaces do not divide, leads to the addresses of this machine.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, isIPv4, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** How `unshare` makes a namespace and `nsenter` enters it: as the superuser, or as anybody who may be one in a namespace of users. */
const ways = [
  { make: ['--net'], enter: ['--net'] },
  {
    make: ['--user', '--map-root-user', '--net'],
    enter: ['--user', '--preserve-credentials', '--net'],
  },
] as const;

/** A new namespace has a loopback that is down. */
const loopbackUp = 'ip link set lo up';

let found: { readonly way: (typeof ways)[number] | undefined } | undefined;

/** The way that works here; tried once. */
function possibleWay() {
  found ??= {
    way: ways.find(
      ({ make }) => spawnSync('unshare', [...make, 'sh', '-c', loopbackUp], { stdio: 'ignore' }).status === 0,
    ),
  };
  return found.way;
}

/** Whether the browser can have a network of its own here; else it is in that of this machine. */
export const hasOwnNetwork = (): boolean => possibleWay() !== undefined;

/** Where the way out begins in the namespace. */
const port = 1080;

/** Runs in the namespace: passes each connection on to the socket. It ends with its standard input: none outlives its test. */
const program = `
  const { connect, createServer } = require('node:net');
  const [socket, port] = process.argv.slice(1);
  const server = createServer((near) => {
    const far = connect(socket);
    near.pipe(far).pipe(near);
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
  });
  server.listen(Number(port), '127.0.0.1', () => console.log('listening'));
  process.stdin.on('end', () => process.exit()).resume();`;

/** How a request of SOCKS names its address, and what an answer says. */
const [ofName, connected, unreachable] = [3, 0, 4];

/** An answer to a request of SOCKS; the address in it is of no interest to a client that connects. */
const answer = (code: number) => Buffer.from([5, code, 0, 1, 0, 0, 0, 0, 0, 0]);

/** Connects a client of SOCKS 5 (RFC 1928) with the IPv4 address that it wants, which Chromium sends as a name; others are not looked up. */
function passOn(near: Socket): void {
  near.on('error', () => near.destroy());
  // the client sends one message and waits for the answer: each comes by itself
  near.once('data', () => {
    near.write(Buffer.from([5, 0]));
    near.once('data', (wanted: Buffer) => {
      const host = wanted.subarray(5, -2).toString();
      if (wanted[3] !== ofName || !isIPv4(host)) return void near.end(answer(unreachable));
      const far = connect({ host, port: wanted.readUInt16BE(wanted.length - 2) });
      far.once('connect', () => {
        near.write(answer(connected));
        near.pipe(far).pipe(near);
      });
      far.on('error', () => near.destroy());
      near.on('close', () => far.destroy());
    });
  });
}

/** The network of a browser. */
export interface OwnNetwork {
  /** Runs the browser there, with the arguments it is given. */
  readonly executable: string;
  /** By which the browser reaches this machine: it would not ask a proxy for the loopback by itself. */
  readonly proxy: { readonly server: string; readonly bypass: string };
  close(): Promise<void>;
}

/** Makes one for that browser; `undefined` where it cannot have one ({@link hasOwnNetwork}). */
export async function ownNetwork(browser: string): Promise<OwnNetwork | undefined> {
  const way = possibleWay();
  if (way === undefined) return undefined;
  const directory = await mkdtemp(path.join(tmpdir(), 'mesh-browser-'));
  const socket = path.join(directory, 'out');
  const out = createServer(passOn).listen(socket);
  await once(out, 'listening');

  const inside = [process.execPath, '-e', program, socket, String(port)];
  const holder = spawn('unshare', [...way.make, 'sh', '-c', `${loopbackUp} && exec "$0" "$@"`, ...inside], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(holder, 'exit');
  const close = async (): Promise<void> => {
    holder.stdin.end();
    await ended;
    out.close();
    await rm(directory, { recursive: true });
  };
  await Promise.race([
    once(createInterface({ input: holder.stdout }), 'line'),
    ended.then(() => {
      throw new Error('The network of the browser ended before it was there');
    }),
  ]);
  const executable = path.join(directory, 'browser');
  const enter = `nsenter --target ${holder.pid} ${way.enter.join(' ')}`;
  await writeFile(executable, `#!/bin/sh\nexec ${enter} '${browser}' "$@"\n`, { mode: 0o700 });
  return { executable, proxy: { server: `socks5://127.0.0.1:${port}`, bypass: '<-loopback>' }, close };
}
