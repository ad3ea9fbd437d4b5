/** Files that a command was told to write. */
import { jsonText } from '@microshop/program-kit/json-file';
import { putFile, usualAccess } from '@microshop/program-kit/whole-file';

/** Writes a text into a file that an option named. */
export async function writeNamed(file: string, text: string): Promise<void> {
  await putFile(file, text, usualAccess);
}

/** Writes a report for programs into a file that an option named. */
export async function writeReport(file: string, report: object): Promise<void> {
  await writeNamed(file, jsonText(report));
}
