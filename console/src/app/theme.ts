/** Light or dark: as the system says, or as it was chosen here. */
import { useSyncExternalStore } from 'react';

type Theme = 'light' | 'dark';

const key = 'theme';

function chosen(): Theme | undefined {
  const kept = localStorage.getItem(key);
  return kept === 'light' || kept === 'dark' ? kept : undefined;
}

function ofSystem(): Theme {
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

let shown: Theme;
const listeners = new Set<() => void>();

function show(theme: Theme): void {
  shown = theme;
  document.documentElement.dataset['theme'] = theme;
  for (const listener of listeners) listener();
}

show(chosen() ?? ofSystem());

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The theme that is shown. */
export const useTheme = (): Theme => useSyncExternalStore(listen, () => shown);

/** Shows the other one, and keeps that. */
export function switchTheme(): void {
  const other = shown === 'dark' ? 'light' : 'dark';
  localStorage.setItem(key, other);
  show(other);
}
