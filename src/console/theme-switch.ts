/** Which theme is shown: the system's unless the reader chose. Kept in this browser only. */

export type Theme = 'system' | 'light' | 'dark';
const STORED = 'ainogap-theme';

export function readTheme(): Theme {
  try {
    const stored = localStorage.getItem(STORED);
    return stored === 'light' || stored === 'dark' ? stored : 'system';
  } catch {
    return 'system'; // storage is switched off
  }
}

/** Shows a theme without keeping it. */
export function showTheme(theme: Theme): void {
  const root = document.documentElement;
  if (theme === 'system') delete root.dataset['theme'];
  else root.dataset['theme'] = theme;
}

export function chooseTheme(theme: Theme): void {
  showTheme(theme);
  try {
    if (theme === 'system') localStorage.removeItem(STORED);
    else localStorage.setItem(STORED, theme);
  } catch {
    // Shown, though not kept: storage is switched off.
  }
}
