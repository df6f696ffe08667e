/** The look of a printed statement: one colour per token class, each with its mark, light and dark; A4 when printed. */
export const STATEMENT_STYLE = `
:root { color-scheme: light dark; --ink: #1a1d21; --faint: #5c636b; --line: #d5d9de; --paper: #fff; --on-mark: #fff;
  --input: #4f94de; --output: #b9820f; --write5m: #a8207f; --write1h: #6a3de0; --read: #06401f; --search: #777f88; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --faint: #9aa3ad; --line: #333a42; --paper: #0e1116; --on-mark: #0e1116;
  --input: #6fb8fa; --output: #f2a636; --write5m: #c75c9c; --write1h: #8a6bff; --read: #bcf5d3; --search: #8d959e; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem; max-width: 62rem; background: var(--paper); color: var(--ink);
  font: 0.875rem/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.5rem; line-height: 1.25; }
header p { margin: 0.25rem 0 0; color: var(--faint); }
header .buyer { color: var(--ink); font-size: 1.125rem; font-weight: 600; overflow-wrap: anywhere; }
main { overflow-x: auto; }
table { width: 100%; margin: 1.75rem 0 0; border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { padding: 0 0 0.375rem; text-align: left; font-weight: 600; }
th, td { padding: 0.25rem 0.5rem 0.25rem 0; border-top: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { border-top: 0; border-bottom: 1px solid var(--line); color: var(--faint); font-weight: 400; }
th.n, td.n { padding: 0.25rem 0 0.25rem 0.75rem; text-align: right; white-space: nowrap; }
tfoot td { border-top: 2px solid var(--ink); font-weight: 600; }
.whole { white-space: nowrap; }
.said { min-width: 8rem; overflow-wrap: anywhere; }
.mark { display: inline-block; min-width: 1.25em; border-radius: 0.2em; color: var(--on-mark); text-align: center; font-weight: 700; line-height: 1.3; }
.bar { display: flex; height: 0.75rem; min-width: 6rem; margin-top: 0.25rem; }
main > .bar { height: 1.25rem; margin-top: 1.75rem; }
main > .bar + table { margin-top: 0.5rem; }
.bar span { flex: none; }
.input { background: var(--input); } .output { background: var(--output); } .cacheWrite5m { background: var(--write5m); }
.cacheWrite1h { background: var(--write1h); } .cacheRead { background: var(--read); } .search { background: var(--search); }
footer { margin-top: 2rem; color: var(--faint); font-size: 0.8125rem; }
@page { size: A4; margin: 15mm; }
@media print {
  :root { --ink: #000; --faint: #444; --line: #bbb; --paper: #fff; --on-mark: #fff;
    --input: #4f94de; --output: #b9820f; --write5m: #a8207f; --write1h: #6a3de0; --read: #06401f; --search: #777f88; }
  body { padding: 0; max-width: none; font-size: 8pt; }
  main { overflow: visible; }
  thead { display: table-header-group; }
  tfoot { display: table-row-group; }
  tr, .bar { break-inside: avoid; }
  caption { break-after: avoid; }
  td .bar { min-width: 2.5rem; }
  .word { display: none; }
  th.n, td.n { padding-left: 0.375rem; }
  .mark, .bar span { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
