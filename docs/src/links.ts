/** Links of Markdown pages, and the anchors that GitHub makes of their headings. */

/** A link to another page or picture of this checkout, or within the page. */
export interface Link {
  /** Line of the page, from 1. */
  readonly line: number;
  /** Path, relative to the page; empty: the page itself. */
  readonly path: string;
  /** What follows `#`; empty: no anchor. */
  readonly anchor: string;
}

/** The page with everything that is shown as code blanked out: lines keep their numbers. */
function withoutCode(page: string): string {
  const blank = (code: string) => code.replaceAll(/[^\n]/g, ' ');
  return page
    .replaceAll(/^( *)(`{3,}).*\n[\s\S]*?^\1\2 *$/gm, blank)
    .replaceAll(/(`+)[^`](?:[\s\S]*?[^`])??\1(?!`)/g, blank);
}

/** The relative links of a page, pictures included, in order. Addresses with a scheme are not looked at. */
export function linksOf(page: string): readonly Link[] {
  const text = withoutCode(page);
  return [...text.matchAll(/\]\(([^)\s]+)\)|<(?:img|a) [^>]*?(?:src|href)="([^"]+)"/g)].flatMap((match) => {
    const target = match[1] ?? match[2] ?? '';
    if (/^[a-z]+:/.test(target)) return [];
    const [path = '', anchor = ''] = target.split('#');
    return [{ line: text.slice(0, match.index).split('\n').length, path, anchor }];
  });
}

/** The anchors of a page's headings, as GitHub makes them: a heading that stands twice gets `-1`, the next one `-2`. */
export function anchorsOf(page: string): readonly string[] {
  const seen = new Map<string, number>();
  // headings contain inline code, so only blocks may be left out
  const text = page.replaceAll(/^( *)(`{3,}).*\n[\s\S]*?^\1\2 *$/gm, '');
  return [...text.matchAll(/^#{1,6} +(.+?) *$/gm)].map(([, heading = '']) => {
    const slug = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-');
    const before = seen.get(slug) ?? 0;
    seen.set(slug, before + 1);
    return before === 0 ? slug : `${slug}-${before}`;
  });
}
