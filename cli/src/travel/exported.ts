/** What an export for another mesh is made of. */
import type { JsonObject } from '@microshop/envoy';
import type { InEffect, Loss } from './losses.ts';

/** Policies in the words of another mesh. */
export interface Exported {
  /** What is written, in its order: a comment above each, and the document. */
  readonly documents: readonly { readonly says: string; readonly document: JsonObject }[];
  readonly losses: readonly Loss[];
  /** What must be so where this is applied, a sentence each. */
  readonly assumes: readonly string[];
}

/** Writes what is in effect in the words of another mesh. */
export type Exporter = (inEffect: InEffect, namespace: string) => Exported;
