/** A certificate of the user's own for what clients are shown: which files, and what is wrong with them. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf, whyUnreadable } from '@microshop/program-kit/errors';
import type { KeyPair } from './issue.ts';
import { isFor, pemBlocks } from './read.ts';

/** Variables with the names of the files. */
export const givenVariables = {
  certificate: 'MESH_GATEWAY_CERTIFICATE_FILE',
  key: 'MESH_GATEWAY_KEY_FILE',
  authority: 'MESH_GATEWAY_CA_FILE',
} as const;

/** Files of the user, PEM. */
export interface GivenFiles {
  /** The certificate, and after it those between it and its authority. */
  readonly certificate: string;
  readonly key: string;
  /** Certificate of the authority that signed it; absent where the first file has it, or the certificate has signed itself. */
  readonly authority: string | undefined;
}

/** The files that the environment names; `undefined` when it names none. Throws when it names one of the two alone. */
export function givenFiles(env: NodeJS.ProcessEnv = process.env): GivenFiles | undefined {
  const at = (variable: string) => (env[variable] ? resolve(env[variable]) : undefined);
  const certificate = at(givenVariables.certificate);
  const key = at(givenVariables.key);
  const authority = at(givenVariables.authority);
  if (certificate !== undefined && key !== undefined) return { certificate, key, authority };
  if (certificate !== undefined) {
    throw new Error(
      `${givenVariables.key} must name the key of ${givenVariables.certificate}; set both, or neither`,
    );
  }
  if (key !== undefined || authority !== undefined) {
    const set = key === undefined ? givenVariables.authority : givenVariables.key;
    throw new Error(
      `${givenVariables.certificate} must name the certificate that ${set} goes with; set both, or neither`,
    );
  }
  return undefined;
}

/** What the user has given, as it is used. */
export interface Given {
  readonly pair: KeyPair;
  /** What clients verify it with, PEM. */
  readonly trust: string;
}

/** Sizes and curves that Envoy takes. */
const leastRsaBits = 2048;
const curves: readonly unknown[] = ['prime256v1', 'secp384r1', 'secp521r1'];

/**
 * Reads them. Throws an error that names the variable and what to do, when a file cannot be read, holds something else, or the
 * certificate could not be shown and verified: its time is over, the key is another one, it is not for the name by which the programs
 * of the mesh call the gateway, or nothing says who signed it.
 */
export async function readGiven(files: GivenFiles, calledAs: string, now = Date.now()): Promise<Given> {
  const { certificate: named, key: keyNamed, authority: authorityNamed } = givenVariables;
  const certificateText = await read(named, files.certificate);
  const chain = certificatesIn(named, certificateText);
  const [leaf] = chain;
  if (leaf === undefined) {
    throw new Error(
      `${named} (${files.certificate}) must hold a certificate in PEM, which begins with -----BEGIN CERTIFICATE-----`,
    );
  }
  const key = await readKey(files.key);
  if (!leaf.checkPrivateKey(key)) {
    throw new Error(
      `${keyNamed} (${files.key}) is not the key of the first certificate in ${named} (${oneLine(leaf.subject)}); a server's own certificate comes first, those of its authorities after it`,
    );
  }
  if (Date.parse(leaf.validTo) <= now) {
    throw new Error(`${named} has ended: it was valid until ${leaf.validTo}; have it renewed`);
  }
  if (Date.parse(leaf.validFrom) > now) {
    throw new Error(
      `${named} is not valid before ${leaf.validFrom}; wait, or correct the clock of this machine`,
    );
  }
  if (!isFor(leaf, calledAs)) {
    throw new Error(
      `${named} must be for ${calledAs} as well, as the programs of the mesh call the gateway; it is for ${leaf.subjectAltName ?? 'no name at all'}`,
    );
  }
  const trust =
    files.authority === undefined
      ? chain.filter(signedItself)
      : certificatesIn(authorityNamed, await read(authorityNamed, files.authority));
  if (!leadsTo(leaf, chain.slice(1), trust)) {
    throw new Error(
      `${authorityNamed} must name the certificate of who signed ${named} (${issuerOf(chain, trust)}): the programs of the mesh verify it with that`,
    );
  }
  const pem = (all: readonly X509Certificate[]) => all.map(String).join('').trimEnd();
  return {
    pair: { certificate: pem(chain), key: key.export({ type: 'pkcs8', format: 'pem' }).toString().trimEnd() },
    trust: pem(trust),
  };
}

/** Names and addresses in the user's certificate; none where {@link readGiven} would throw. */
export async function namesIn(files: GivenFiles, calledAs: string): Promise<readonly string[]> {
  const given = await readGiven(files, calledAs).catch(() => undefined);
  const names = given === undefined ? undefined : new X509Certificate(given.pair.certificate).subjectAltName;
  return (names ?? '').split(', ').flatMap((one) => {
    const [, name] = /^(?:DNS|IP Address):([\w.:*-]+)$/.exec(one) ?? [];
    return name === undefined ? [] : [name];
  });
}

async function read(variable: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new Error(`${variable} cannot be read (${file}): ${whyUnreadable(error)}`, { cause: error });
  }
}

function certificatesIn(variable: string, text: string): readonly X509Certificate[] {
  return pemBlocks(text, 'CERTIFICATE').map((pem, index) => {
    try {
      return new X509Certificate(pem);
    } catch (error) {
      throw new Error(`Certificate ${index + 1} in ${variable} is broken: ${messageOf(error)}`, {
        cause: error,
      });
    }
  });
}

async function readKey(file: string): Promise<KeyObject> {
  const variable = givenVariables.key;
  const key = parseKey(await read(variable, file), file);
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {};
  const usable =
    (key.asymmetricKeyType === 'rsa' && modulusLength >= leastRsaBits) ||
    (key.asymmetricKeyType === 'ec' && curves.includes(namedCurve));
  if (!usable) {
    throw new Error(
      `${variable} must be an RSA key of ${leastRsaBits} bits at least, or one on P-256, P-384 or P-521`,
    );
  }
  return key;
}

function parseKey(text: string, file: string): KeyObject {
  const variable = givenVariables.key;
  try {
    return createPrivateKey(text);
  } catch (error) {
    // by the forms of PKCS #8 and of OpenSSL before it; the library has several codes for it
    if (/-----BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED/m.test(text)) {
      throw new Error(
        `${variable} (${file}) must hold a key without a passphrase; openssl pkey -in <file> -out <other file> writes one`,
        { cause: error },
      );
    }
    throw new Error(
      `${variable} (${file}) must hold a private key in PEM, which begins with -----BEGIN PRIVATE KEY-----`,
      {
        cause: error,
      },
    );
  }
}

function signedItself(certificate: X509Certificate): boolean {
  return isSignedBy(certificate, certificate);
}

function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/** Whether its signatures lead to a trusted certificate, by way of those between. */
function leadsTo(
  certificate: X509Certificate,
  between: readonly X509Certificate[],
  trust: readonly X509Certificate[],
): boolean {
  if (trust.some((one) => isSignedBy(certificate, one))) return true;
  return between.some(
    (one) =>
      isSignedBy(certificate, one) &&
      leadsTo(
        one,
        between.filter((other) => other !== one),
        trust,
      ),
  );
}

/** Whom the last certificate of the chain names as its issuer. */
function issuerOf(chain: readonly X509Certificate[], trust: readonly X509Certificate[]): string {
  const last = chain.filter((one) => !trust.includes(one)).at(-1);
  return oneLine(last?.issuer);
}

/** A name of a certificate as one line; some have none. */
function oneLine(name: string | undefined): string {
  return name === undefined || name === '' ? 'without a name' : name.split('\n').join(', ');
}
