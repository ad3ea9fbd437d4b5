/** A page as one file: everything stands in it, and no script runs. */
import { escaped } from './html.ts';
import { style } from './style.ts';

/** The page with that title around its inner HTML. */
export function documentOf(title: string, inner: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${escaped(title)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<main>
${inner}
</main>
</body>
</html>
`;
}

/** A part of it below a heading; `whole`: as wide as the page. */
export function card(title: string, inner: string, whole = false): string {
  return `<section${whole ? ' class="whole"' : ''}><h2>${escaped(title)}</h2>\n${inner}</section>`;
}
