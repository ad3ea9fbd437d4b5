/**
 * Makes certificates: ECDSA on P-256. Only what issues imports this file, and only when it has to: the library takes
 * 0.15 s to load.
 */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import { type Identity, spiffeId, trustDomain } from '@microshop/topology';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  Pkcs10CertificateRequest,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { authorityLifetimeSeconds, backdateSeconds } from './lifetime.ts';
import { onlyHere } from './name-constraints.ts';

cryptoProvider.set(webcrypto);

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A certificate and its private key, each PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** What a certificate says about its holder, and for how long. */
export interface Holder {
  /** Who it is in the mesh: a URI among its alternative names. It then calls others, too; without one it is a server alone. */
  readonly uri?: string;
  /** Names and addresses of a server that clients know by these. */
  readonly hosts?: readonly string[];
  /** Common name, for people. */
  readonly name: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** A new certificate authority; its name is for people. With `hosts` it can sign for servers of these names on this machine only. */
export async function makeAuthority(
  name = `Authority of ${trustDomain}`,
  hosts?: readonly string[],
): Promise<KeyPair> {
  const now = new Date();
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: algorithm,
    notBefore: later(now, -backdateSeconds),
    notAfter: later(now, authorityLifetimeSeconds),
    extensions: [
      // it may sign leaf certificates only
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      ...(hosts === undefined ? [] : [onlyHere(hosts)]),
    ],
  });
  return { certificate: certificate.toString('pem'), key: await privatePem(keys.privateKey) };
}

/** A certificate of an identity that begins a little before now and lives that long, seconds. */
export async function issue(
  authority: KeyPair,
  identity: Identity,
  lifetimeSeconds: number,
  now = new Date(),
): Promise<KeyPair> {
  return await issueFor(authority, holderOf(identity, lifetimeSeconds, now));
}

function holderOf(identity: Identity, lifetimeSeconds: number, now: Date): Holder {
  return { uri: spiffeId(identity), name: identity, ...validFor(lifetimeSeconds, now) };
}

/** A certificate of a server that clients know by those names and addresses, which lives that long, seconds. */
export async function issueServer(
  authority: KeyPair,
  hosts: readonly string[],
  lifetimeSeconds: number,
  now = new Date(),
): Promise<KeyPair> {
  const [name = ''] = hosts;
  return await issueFor(authority, { name, hosts, ...validFor(lifetimeSeconds, now) });
}

function validFor(lifetimeSeconds: number, now: Date): Pick<Holder, 'notBefore' | 'notAfter'> {
  return { notBefore: later(now, -backdateSeconds), notAfter: later(now, lifetimeSeconds) };
}

/** A certificate for that holder. */
export async function issueFor(authority: KeyPair, holder: Holder): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  return {
    certificate: await certificateFor(authority, holder, keys.publicKey),
    key: await privatePem(keys.privateKey),
  };
}

/** A certificate for the holder of that key, PEM. */
async function certificateFor(authority: KeyPair, holder: Holder, publicKey: CryptoKey): Promise<string> {
  const issuer = new X509Certificate(authority.certificate);
  const extensions: Extension[] = [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([
      ExtendedKeyUsage.serverAuth,
      ...(holder.uri === undefined ? [] : [ExtendedKeyUsage.clientAuth]),
    ]),
    new SubjectAlternativeNameExtension([
      ...(holder.uri === undefined ? [] : [{ type: 'url', value: holder.uri } as const]),
      ...(holder.hosts ?? []).map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value }) as const),
    ]),
    await AuthorityKeyIdentifierExtension.create(issuer),
    await SubjectKeyIdentifierExtension.create(publicKey),
  ];
  const certificate = await X509CertificateGenerator.create({
    subject: `CN=${holder.name}`,
    issuer: issuer.subject,
    publicKey,
    signingKey: await signingKey(authority.key),
    signingAlgorithm: algorithm,
    notBefore: holder.notBefore,
    notAfter: holder.notAfter,
    extensions,
  });
  return certificate.toString('pem');
}

/** A new key, and the request that has it certified, each PEM: the key need not leave whoever made it. */
export async function makeRequest(): Promise<{ readonly request: string; readonly key: string }> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  // the signer decides whose name is in the certificate
  const request = await Pkcs10CertificateRequestGenerator.create({ keys, signingAlgorithm: algorithm });
  return { request: request.toString('pem'), key: await privatePem(keys.privateKey) };
}

/** Thrown when a request cannot be signed; the message says what it must be. */
export class CertificateRequestError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CertificateRequestError';
  }
}

/**
 * The certificate of that identity for the key of a request, PEM. Whatever else the request asks for does not count. Throws
 * {@link CertificateRequestError}.
 */
export async function sign(
  authority: KeyPair,
  identity: Identity,
  request: string,
  lifetimeSeconds: number,
  now = new Date(),
): Promise<string> {
  const publicKey = await keyOf(request);
  return await certificateFor(authority, holderOf(identity, lifetimeSeconds, now), publicKey);
}

/** The key of a request that whoever has it has signed. */
async function keyOf(request: string): Promise<CryptoKey> {
  let parsed: Pkcs10CertificateRequest;
  let key: CryptoKey;
  try {
    parsed = new Pkcs10CertificateRequest(request);
    key = await parsed.publicKey.export(algorithm, ['verify']);
  } catch (error) {
    throw new CertificateRequestError('must be a certificate request (PKCS #10, PEM) for a key on P-256', {
      cause: error,
    });
  }
  // bytes that are not a signature throw instead of failing the check
  const signed = await parsed.verify().catch(() => false);
  if (!signed) throw new CertificateRequestError('must be signed with its own key');
  return key;
}

async function signingKey(pem: string): Promise<CryptoKey> {
  return await webcrypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(pem), algorithm, false, ['sign']);
}

async function privatePem(key: CryptoKey): Promise<string> {
  return PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), PemConverter.PrivateKeyTag);
}

function later(time: Date, seconds: number): Date {
  return new Date(time.getTime() + seconds * 1000);
}
