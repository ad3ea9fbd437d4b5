/**
 * Who has answered must have left a span. An Envoy says on its own spans whether an answer came from behind it or is its own, so this is
 * known of any request, also of those that the topology expects nothing of: one that was refused, or an attempt that failed.
 */
import { attributes } from '@microshop/topology';
import type { Span, SpanTree } from './span.ts';

/** What Envoy writes when no flag is set: nothing went wrong on the way of the response. */
const noFlag = '-';

/** `response_code_details` of an answer that is not Envoy's own. */
const fromBehind = 'via_upstream';

/**
 * What is missing of those that have answered, named as hops are: `orders-sidecar takes the call of gateway`, and
 * `orders serves the call of gateway`. Each once.
 */
export function silentOf(spans: readonly Span[], tree: SpanTree): readonly string[] {
  const missing = spans.flatMap((span) => {
    const answerer = answererOf(span);
    if (answerer === undefined) return [];
    const answered = tree
      .childrenOf(span)
      .some(({ service, kind }) => service === answerer.service && kind === 'server');
    return answered ? [] : [answerer.hop];
  });
  return [...new Set(missing)];
}

/** Who has answered the Envoy that wrote this span; `undefined` where nobody has, as far as it tells. */
function answererOf(span: Span): { readonly service: string; readonly hop: string } | undefined {
  const { service, kind, attributes: known } = span;
  const direction = known[attributes.direction];
  if (direction === undefined || known['response_flags'] !== noFlag) return undefined;
  // an attempt, with the status that came; 0 when none did
  if (kind === 'client' && Number(known['http.status_code'] ?? 0) > 0) {
    const sidecar = `${known[attributes.peer]}-sidecar`;
    return { service: sidecar, hop: `${sidecar} takes the call of ${appOf(service)}` };
  }
  if (direction === 'inbound' && known['response_code_details'] === fromBehind) {
    const app = appOf(service);
    return { service: app, hop: `${app} serves the call of ${known[attributes.caller]}` };
  }
  return undefined;
}

/** The app beside a sidecar; the gateway stands for itself. */
function appOf(envoy: string): string {
  return envoy.replace(/-sidecar$/, '');
}
