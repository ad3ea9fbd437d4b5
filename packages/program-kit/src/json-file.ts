/** JSON files that are never read half written. */
import { ownerOnly, putFile } from './whole-file.ts';

/** A value as the text of a JSON file. */
export function jsonText(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Puts a file in place when it is whole, readable by its owner only. One that holds the same is not touched. */
export async function putJson(file: string, value: object): Promise<void> {
  await putFile(file, jsonText(value), ownerOnly);
}
