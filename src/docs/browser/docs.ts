/** What the docs do beyond plain pages; each part works alone, and every page is whole without them. */
import { enliven } from './calculator.ts';
import { addCopyButtons } from './copy-buttons.ts';
import { foldContents } from './fold-contents.ts';
import { markSections } from './mark-sections.ts';
import { suggest } from './search-box.ts';
import { switchTheme } from './theme-button.ts';

for (const form of document.querySelectorAll<HTMLFormElement>('form.calculator')) enliven(form);
for (const form of document.querySelectorAll<HTMLFormElement>('form.search')) suggest(form);
for (const button of document.querySelectorAll<HTMLButtonElement>('[data-theme-switch]')) switchTheme(button);
for (const list of document.querySelectorAll<HTMLDetailsElement>('.contents > details')) foldContents(list);
addCopyButtons(document.querySelectorAll<HTMLElement>('figure.code'));
markSections(document.querySelectorAll<HTMLAnchorElement>('.sections a'));
