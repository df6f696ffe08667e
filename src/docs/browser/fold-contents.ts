/** On a narrow screen the list of pages is folded, so that the page itself comes first. */
export function foldContents(list: HTMLDetailsElement): void {
  const narrow = matchMedia('(max-width: 860px)');
  const fold = (): void => {
    list.open = !narrow.matches;
  };
  narrow.addEventListener('change', fold);
  fold();
}
