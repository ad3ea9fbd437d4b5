/** Text as HTML. */

/** Text that stands as it is on a page. */
export function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

/** A number, with or without its sign, or the dash for one that is not known. */
const numeric = /^(?:[+−-]?\d|–)/;

/** A table; a head or cell that begins with a number, or is a dash, is set to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cell = (text: string) => `<td${numeric.test(text) ? ' class="number"' : ''}>${escaped(text)}</td>`;
  const numbers = head.map((_, index) =>
    rows.every((row) => row[index] === '' || numeric.test(row[index] ?? '')),
  );
  const top = head.map(
    (text, index) => `<th${numbers[index] === true ? ' class="number"' : ''}>${escaped(text)}</th>`,
  );
  const body = rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`);
  return `<div class="wide"><table><thead><tr>${top.join('')}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`;
}

/** Names with what they stand for. */
export function pairs(rows: readonly (readonly string[])[]): string {
  const body = rows.map(
    ([name = '', text = '']) => `<tr><th>${escaped(name)}</th><td>${escaped(text)}</td></tr>`,
  );
  return `<div class="wide"><table><tbody>${body.join('\n')}</tbody></table></div>`;
}
