import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { quietDiagLogger, reportOutages } from './diagnostics.ts';

interface Written {
  readonly level: string;
  readonly message: string;
  readonly details: Record<string, unknown> | undefined;
}

function recorder(): {
  written: Written[];
  write: (level: string, message: string, details?: Record<string, unknown>) => void;
} {
  const written: Written[] = [];
  return { written, write: (level, message, details) => void written.push({ level, message, details }) };
}

describe('an exporter', () => {
  it('reports the beginning and the end of an outage, and hides the failures from the SDK', () => {
    const { written, write } = recorder();
    let result: ExportResult = { code: ExportResultCode.SUCCESS };
    const exporter = reportOutages(
      { export: (_items: string[], done: (outcome: ExportResult) => void) => done(result) },
      'spans',
      write,
    );
    const seen: ExportResultCode[] = [];
    const send = (): void => exporter.export([], ({ code }) => void seen.push(code));

    send();
    assert.equal(written.length, 0);
    result = {
      code: ExportResultCode.FAILED,
      error: new AggregateError([new Error('connect ECONNREFUSED')]),
    };
    send();
    send();
    result = { code: ExportResultCode.SUCCESS };
    send();
    send();
    assert.deepEqual(
      written.map(({ level, message }) => `${level} ${message}`),
      ['warn spans cannot be sent and are dropped until the collector is back', 'info spans are sent again'],
    );
    assert.deepEqual(written[0]?.details, { reason: 'connect ECONNREFUSED' });
    assert.deepEqual(new Set(seen), new Set([ExportResultCode.SUCCESS]));
  });
});

describe("OpenTelemetry's own messages", () => {
  it('are written once each, and not without end', () => {
    const { written, write } = recorder();
    const logger = quietDiagLogger(write);
    for (let time = 0; time < 3; time += 1) logger.error('broken', new Error('why'));
    logger.info('chatter');
    assert.deepEqual(
      written.map(({ message }) => message),
      ['broken why'],
    );
    for (let time = 0; time < 1000; time += 1) logger.warn(`changing ${time}`);
    assert.ok(written.length <= 50);
  });
});
