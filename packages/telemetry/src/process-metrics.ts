/**
 * CPU time and memory of the process, named by OpenTelemetry's conventions. The runtime instrumentation reports the
 * event loop and the heap only; `@opentelemetry/host-metrics` would load a survey of the whole machine for these two.
 */
import { metrics } from '@opentelemetry/api';

/** Reports them at each export. */
export function observeProcess(): void {
  const meter = metrics.getMeter('@microshop/telemetry');
  meter
    .createObservableCounter('process.cpu.time', {
      unit: 's',
      description: 'CPU time of the process, by mode: user or system.',
    })
    .addCallback((result) => {
      const { user, system } = process.cpuUsage();
      result.observe(user / 1e6, { 'cpu.mode': 'user' });
      result.observe(system / 1e6, { 'cpu.mode': 'system' });
    });
  meter
    .createObservableUpDownCounter('process.memory.usage', {
      unit: 'By',
      description: 'Resident memory of the process.',
    })
    .addCallback((result) => result.observe(process.memoryUsage.rss()));
}
