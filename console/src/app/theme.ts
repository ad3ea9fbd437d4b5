/** Light or dark: as the system says, or as it was chosen here. */
import { useState } from 'react';

type Theme = 'light' | 'dark';

const key = 'theme';

function chosen(): Theme | undefined {
  const kept = localStorage.getItem(key);
  return kept === 'light' || kept === 'dark' ? kept : undefined;
}

function ofSystem(): Theme {
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

function show(theme: Theme): void {
  document.documentElement.dataset['theme'] = theme;
}

/** The theme that is shown, and what switches to the other one. */
export function useTheme(): { readonly theme: Theme; readonly toggle: () => void } {
  const [theme, setTheme] = useState(() => {
    const first = chosen() ?? ofSystem();
    show(first);
    return first;
  });
  return {
    theme,
    toggle() {
      const other = theme === 'dark' ? 'light' : 'dark';
      localStorage.setItem(key, other);
      show(other);
      setTheme(other);
    },
  };
}
