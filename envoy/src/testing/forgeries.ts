/** Certificates with one thing wrong. */
import { spiffeId } from '@microshop/topology';
import { type Holder, issueFor, type KeyPair, makeAuthority } from '../certificates/issue.ts';
import type { TlsMaterial } from './certificates.ts';

const now = Date.now();
const minutes = (count: number) => new Date(now + count * 60_000);

/** What is different from a certificate of orders. */
export interface Forgery {
  /** URI of the subject alternative name. */
  readonly uri?: string;
  readonly from?: Date;
  readonly to?: Date;
  /** Signed by an authority that is not the mesh's. */
  readonly foreign?: boolean;
}

/** Each with its name, and the counter of a listener that tells what was wrong. */
export const forgeries: readonly (readonly [string, Forgery, string])[] = [
  ['of another authority', { foreign: true }, 'ssl.fail_verify_error'],
  ['that has ended', { from: minutes(-60), to: minutes(-1) }, 'ssl.fail_verify_error'],
  ['that has not begun', { from: minutes(30), to: minutes(60) }, 'ssl.fail_verify_error'],
  ['of another trust domain', { uri: 'spiffe://elsewhere.mesh/orders' }, 'ssl.fail_verify_san'],
  [
    'of a trust domain that only begins like ours',
    { uri: 'spiffe://microshop.mesh.evil/orders' },
    'ssl.fail_verify_san',
  ],
];

/** A certificate of orders with that wrong, made by the mesh's authority, and the trust that goes with it. */
export async function forge(authority: KeyPair, forgery: Forgery): Promise<TlsMaterial> {
  const holder: Holder = {
    uri: forgery.uri ?? spiffeId('orders'),
    name: 'orders',
    notBefore: forgery.from ?? minutes(-1),
    notAfter: forgery.to ?? minutes(60),
  };
  const signer = forgery.foreign === true ? await makeAuthority() : authority;
  const { certificate, key } = await issueFor(signer, holder);
  return { cert: certificate, key, ca: authority.certificate };
}
