import { chooseTheme, readTheme } from '../../console/theme-switch.ts';

/** Switches between light and dark; the choice is the console's too. */
export function switchTheme(button: HTMLButtonElement): void {
  const isDark = (): boolean => {
    const theme = readTheme();
    return theme === 'system' ? matchMedia('(prefers-color-scheme: dark)').matches : theme === 'dark';
  };
  const name = (): void => {
    button.textContent = isDark() ? 'Light' : 'Dark';
    button.setAttribute('aria-label', `Show these pages ${isDark() ? 'light' : 'dark'}`);
  };
  button.addEventListener('click', () => {
    chooseTheme(isDark() ? 'light' : 'dark');
    name();
  });
  name();
  button.hidden = false;
}
