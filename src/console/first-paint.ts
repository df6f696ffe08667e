/** Runs before the first paint, from a file of its own because pages have no inline code: the theme, and which skeleton. */
import { isDoor } from './console-places.ts';
import { readTheme, showTheme } from './theme-switch.ts';

showTheme(readTheme());
if (isDoor(window.location.pathname)) document.documentElement.dataset['shell'] = 'door';
