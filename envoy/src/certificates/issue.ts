/**
 * Makes certificates: ECDSA on P-256. Only what issues imports this file, and only when it has to: the library takes
 * 0.15 s to load.
 */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
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
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { authorityLifetimeSeconds, backdateSeconds } from './lifetime.ts';

cryptoProvider.set(webcrypto);

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A certificate and its private key, each PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** What a certificate says about its holder, and for how long. */
export interface Holder {
  /** URI of the subject alternative name. */
  readonly uri: string;
  /** Common name, for people. */
  readonly name: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** A new certificate authority. */
export async function makeAuthority(now = new Date()): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=Authority of ${trustDomain}`,
    keys,
    signingAlgorithm: algorithm,
    notBefore: later(now, -backdateSeconds),
    notAfter: later(now, authorityLifetimeSeconds),
    extensions: [
      // it signs leaves only, no further authority
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
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
  return await issueFor(authority, {
    uri: spiffeId(identity),
    name: identity,
    notBefore: later(now, -backdateSeconds),
    notAfter: later(now, lifetimeSeconds),
  });
}

/** A certificate for that holder, for both ends of a connection. */
export async function issueFor(authority: KeyPair, holder: Holder): Promise<KeyPair> {
  const issuer = new X509Certificate(authority.certificate);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const extensions: Extension[] = [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
    new SubjectAlternativeNameExtension([{ type: 'url', value: holder.uri }]),
    await AuthorityKeyIdentifierExtension.create(issuer),
    await SubjectKeyIdentifierExtension.create(keys.publicKey),
  ];
  const certificate = await X509CertificateGenerator.create({
    subject: `CN=${holder.name}`,
    issuer: issuer.subject,
    publicKey: keys.publicKey,
    signingKey: await signingKey(authority.key),
    signingAlgorithm: algorithm,
    notBefore: holder.notBefore,
    notAfter: holder.notAfter,
    extensions,
  });
  return { certificate: certificate.toString('pem'), key: await privatePem(keys.privateKey) };
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
