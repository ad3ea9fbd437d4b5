/** What an authority may sign for (RFC 5280, 4.2.1.10): whoever gets its key can pose as nobody else. */
import { Extension } from '@peculiar/x509';

const nameConstraints = '2.5.29.30';

/** Tags of DER: a sequence, the permitted subtrees, and two forms of a name. */
const tags = { sequence: 0x30, permitted: 0xa0, dns: 0x82, ip: 0x87 } as const;

/** Addresses of this machine, each with its mask. */
const loopback: readonly Buffer[] = [
  Buffer.of(127, 0, 0, 0, 255, 0, 0, 0),
  Buffer.concat([Buffer.alloc(15), Buffer.of(1), Buffer.alloc(16, 255)]),
];

/** The extension: servers of those names, and at addresses of this machine. Critical: who does not understand it trusts nothing. */
export function onlyHere(names: readonly string[]): Extension {
  const permitted = [
    ...names.map((name) => der(tags.dns, Buffer.from(name, 'ascii'))),
    ...loopback.map((address) => der(tags.ip, address)),
  ];
  const subtrees = Buffer.concat(permitted.map((base) => der(tags.sequence, base)));
  return new Extension(nameConstraints, true, der(tags.sequence, der(tags.permitted, subtrees)));
}

/** Longest content whose length is one byte. */
const shortForm = 127;

function der(tag: number, content: Buffer): Buffer {
  if (content.length > shortForm) throw new Error('Too many names for an authority');
  return Buffer.concat([Buffer.of(tag, content.length), content]);
}
