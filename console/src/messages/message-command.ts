/** What is done with messages on the page, as it is typed behind `./mesh`. */

/** A word as a shell passes it on: an id is whatever its publisher wrote. */
function word(text: string): string {
  return /^[\w.:/-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** An argument that is no option, whatever it begins with. */
const argument = (text: string) => (text.startsWith('-') ? `-- ${word(text)}` : word(text));

/** Sends a dead letter again. */
export function replayCommand(id: string): string {
  return `dlq replay ${argument(id)}`;
}

/** Drops it. */
export function dropCommand(id: string, reason: string): string {
  return `dlq drop --reason ${word(reason)} ${argument(id)}`;
}

/** Sends an event again, by the id of its message or of its order. */
export function retryCommand(id: string | number): string {
  return `outbox retry ${id}`;
}
