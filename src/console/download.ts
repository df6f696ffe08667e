/** Hands the reader a file made on this page. */
export function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads the address after this turn; it is of no use later.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
