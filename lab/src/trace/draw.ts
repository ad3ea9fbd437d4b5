/**
 * Draws a trace as an SVG, for documentation:
 *
 *     ./mesh trace 1 --json | node_modules/.bin/node lab/src/trace/draw.ts >docs/pictures/trace.svg
 */
import { json } from 'node:stream/consumers';
import { Value } from 'typebox/value';
import { tracePicture } from './picture.ts';
import { verdictSchema } from './verdict.ts';

const origin = 'Drawn from the spans in Jaeger: ./mesh trace <order id> --json, lab/src/trace/draw.ts.';

process.stdout.write(tracePicture(Value.Parse(verdictSchema, await json(process.stdin)), origin));
