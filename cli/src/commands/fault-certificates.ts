/** `./mesh fault certificates`: certificates that end soon, for a time. */
import type { Command } from 'commander';
import { runningControl } from '../mesh/running-mesh.ts';
import { print } from '../output/output.ts';
import { positiveDurationMs, wholeSeconds } from '../output/values.ts';

/** How long it goes on unless `--for` says otherwise, and at most, milliseconds. */
const forMs = { usual: 30_000, most: 600_000 };

/** Life of each certificate unless `--lifetime` says otherwise, seconds. */
const usualLifetime = 5;

interface CertificateOptions {
  readonly lifetime?: string;
  readonly for?: string;
  readonly renewal: boolean;
}

/** Adds the subcommand. The control service ends it, also when it is restarted meanwhile. */
export function registerFaultCertificates(fault: Command): void {
  fault
    .command('certificates')
    .description('replace all certificates by short-lived ones, for a limited time')
    .option('--lifetime <duration>', `lifetime of each (default: ${usualLifetime}s)`)
    .option('--no-renewal', 'let them expire, instead of renewing each at half of its lifetime')
    .option('--for <duration>', `how long it lasts (default: ${forMs.usual / 1000}s)`)
    .addHelpText('after', '\nExample:\n  ./mesh fault certificates --lifetime 5s --for 1m')
    .action(async (options: CertificateOptions) => {
      const seconds =
        options.lifetime === undefined ? usualLifetime : wholeSeconds('--lifetime', options.lifetime);
      const ms =
        options.for === undefined ? forMs.usual : positiveDurationMs('--for', options.for, forMs.most);
      const asked = { lifetime_s: seconds, for_ms: ms, renewed: options.renewal };
      const made = await (await runningControl()).shortenCertificates(asked);
      print(
        `${made.length} certificates end in ${seconds} s and are ${options.renewal ? '' : 'not '}renewed; back to normal in ${ms / 1000} s`,
      );
    });
}
