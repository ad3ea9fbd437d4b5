/**
 * The one OpenTelemetry bootstrap of the services, loaded before anything else:
 *
 *     node --import <this file> services/orders/src/main.ts
 *
 * As a static import it would be too late: ESM loads all imports of a file before the first of them runs, and http,
 * pg, amqplib and redis would silently not be traced. The code that ends the process calls `shutdownTelemetry` last.
 *
 * `OTEL_SDK_DISABLED=true` switches all of it off: then nothing is loaded or patched.
 */
if (process.env['OTEL_SDK_DISABLED'] !== 'true') await import('./bootstrap.ts');

export {};
