/** What may be wider than the page, such as a table on a phone. */
import type { ReactNode } from 'react';

/** Scrolls by itself, with the arrow keys too: who has no mouse must be able to reach it. `label` is what is read of it. */
export function Wide({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: only a focused element scrolls by keyboard
    <section className="scroll" aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
