/** Certificates that end soon, for a time. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ControlClient } from '@microshop/cli/mesh/control-client';
import { CommandFailed } from '@microshop/cli/output/errors';
import type { Fault } from './definition.ts';
import type { SetFault } from './set-fault.ts';

/** Time that the usual certificates have to come back, milliseconds. */
const usualLimitMs = 15_000;

/** Pause between two polls, milliseconds. */
const pollEveryMs = 250;

/** Makes all certificates again, short-lived for `ms` milliseconds. */
export async function certificates(
  { lifetime_s: lifetime, renewed }: Fault & { readonly kind: 'certificates' },
  ms: number,
  control: Pick<ControlClient, 'certificates' | 'shortenCertificates'>,
): Promise<SetFault> {
  const first = await control.shortenCertificates({ lifetime_s: lifetime, for_ms: ms, renewed });
  return {
    async heal() {
      const end = performance.now() + usualLimitMs;
      // the control service issues them with the usual lifetime again
      while ((await control.certificates()).some(({ expires_in_s: left }) => left <= lifetime)) {
        if (performance.now() > end) throw new CommandFailed('the certificates still end soon');
        await delay(pollEveryMs);
      }
      const ended = first.filter(({ not_after: notAfter }) => Date.parse(notAfter) < Date.now());
      return {
        landed: first.length > 0 && ended.length === first.length,
        saw: `${ended.length} of ${first.length} certificates that the Envoys had have ended since`,
      };
    },
  };
}
