/** A fault of calls as it is written in one text: `products abort 503 30%`. */
import { requestOf } from '@microshop/cli/commands/fault';
import { UsageError } from '@microshop/cli/output/errors';
import { keyOf, type OptionTexts } from '@microshop/cli/output/values';
import { faultFieldList } from '@microshop/topology';
import type { Fault } from '../experiment/definition.ts';

/** What may follow the service: each field but the time, which the comparison sets. */
const words = faultFieldList.filter(({ name }) => name !== 'for_ms').map(({ flag }) => flag);

/** The fault of that text: a service, then options of `./mesh fault set` without their dashes; `30%` is a share. */
export function faultOf(text: string): Extract<Fault, { kind: 'calls' }> {
  const [service = '', ...rest] = text.split(/\s+/).filter((word) => word !== '');
  const options = new Map<string, string>();
  for (let at = 0; at < rest.length; at += 1) {
    const word = rest[at] ?? '';
    const share = /^(\d+)%$/.exec(word)?.[1];
    const name = share === undefined ? word : 'percent';
    if (!words.includes(name)) {
      throw new UsageError(
        `--fault "${text}": "${word}" is none of ${words.join(', ')}, nor a share like 30%; an example: "products abort 503 30%"`,
      );
    }
    if (share === undefined) at += 1;
    const value = share ?? rest[at];
    if (value === undefined) throw new UsageError(`--fault "${text}": ${name} needs a value`);
    if (options.has(name)) throw new UsageError(`--fault "${text}": ${name} is given twice`);
    options.set(name, value);
  }
  const texts: OptionTexts = Object.fromEntries([...options].map(([name, value]) => [keyOf(name), value]));
  return { kind: 'calls', ...requestOf(service, texts) };
}
