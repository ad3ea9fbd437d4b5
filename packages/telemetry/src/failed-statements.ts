/** What spans of statements report about a failure: PostgreSQL's messages can quote the value that was wrong. */
import { messageWithoutValues } from '@microshop/database/errors';
import { SpanStatusCode } from '@opentelemetry/api';
import type { Span, SpanProcessor } from '@opentelemetry/sdk-trace';

/** The processor. The instrumentation writes the message as it came. */
export const failedStatements: SpanProcessor = {
  onStart() {},
  onEnding(span: Span) {
    const { code, message } = span.status;
    if (code !== SpanStatusCode.ERROR || message === undefined) return;
    if (span.attributes['db.system.name'] !== 'postgresql') return;
    span.setStatus({ code, message: messageWithoutValues(message) });
  },
  onEnd() {},
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};
