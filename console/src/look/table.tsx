/** A table as every view has it: it scrolls by itself, and each column has a head. */
import type { ReactNode } from 'react';
import { Wide } from './wide.tsx';

interface TableProps {
  /** What is read of it. */
  readonly label: string;
  /** Heads of the columns, each another one; an empty one is a column of buttons. */
  readonly columns: readonly string[];
  readonly className?: string;
  readonly caption?: string;
  /** Its rows. */
  readonly children: ReactNode;
}

/** Draws it. */
export function Table({ label, columns, className, caption, children }: TableProps) {
  return (
    <Wide label={label}>
      <table className={className}>
        {caption !== undefined && <caption>{caption}</caption>}
        <thead>
          <tr>
            {columns.map((head) =>
              head === '' ? (
                <td key={head} />
              ) : (
                <th key={head} scope="col">
                  {head}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </Wide>
  );
}
