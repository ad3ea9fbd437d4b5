/** What the code under test traces. */
import type { TestContext } from 'node:test';
import { trace } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';

/** Collects spans until the test ends; returns how to read those that have ended. */
export function collectSpans(t: TestContext): () => readonly ReadableSpan[] {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  trace.setGlobalTracerProvider(provider);
  t.after(async () => {
    trace.disable();
    await provider.shutdown();
  });
  return () => exporter.getFinishedSpans();
}
