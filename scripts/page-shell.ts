/** The static HTML of a console: what is seen before any script has run and any figure has come. No inline code or style. */

export interface ShellParts {
  readonly title: string;
  /** Beside the brand; empty for buyers. */
  readonly tag: string;
  readonly nav: readonly string[];
  readonly styles: readonly string[];
  /** Runs before the first paint. */
  readonly first: string;
  readonly entry: string;
  /** What the entry imports at once. */
  readonly preload: readonly string[];
  readonly icon: string;
}

const brand = (tag: string): string => `<span class="brand">ainogap${tag === '' ? '' : ` <span class="tag">${tag}</span>`}</span>`;

function frame({ nav, tag }: ShellParts): string {
  const links = nav.map((label) => `<li><span class="side-link">${label}</span></li>`).join('');
  const figures = ['Balance', 'Held', 'Available'].map((label) => `<div class="figure"><dt class="figure-label">${label}</dt><dd class="figure-value">—</dd></div>`).join('');
  return `<div class="shell-frame"><div class="frame"><div class="top">${brand(tag)}</div><div class="side">${brand(tag)}<ul class="side-nav">${links}</ul></div><main class="content"><div class="content-inner"><div class="page"><div class="page-head"><h1>Overview</h1></div><section class="panel"><div class="panel-body"><dl class="figures">${figures}</dl></div></section></div></div></main></div></div>`;
}

function door({ tag }: ShellParts): string {
  return `<div class="shell-door"><div class="door"><div class="door-top">${brand(tag)}</div><main class="door-main"><div class="door-card"><h1>Sign in</h1></div></main></div></div>`;
}

export function pageShell(parts: ShellParts): string {
  const head = [
    '<meta charset="utf-8">',
    `<title>${parts.title}</title>`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<link rel="icon" type="image/svg+xml" href="${parts.icon}">`,
    ...parts.styles.map((href) => `<link rel="stylesheet" href="${href}">`),
    `<script src="${parts.first}"></script>`,
    ...parts.preload.map((href) => `<link rel="modulepreload" href="${href}">`),
    `<script type="module" src="${parts.entry}"></script>`,
  ];
  const without = '<noscript><p class="notice">These pages need JavaScript. The HTTP API and the ainogap command do the same without it.</p></noscript>';
  return `<!doctype html>\n<html lang="en">\n<head>\n${head.join('\n')}\n</head>\n<body>\n<div id="root">${frame(parts)}${door(parts)}</div>\n${without}\n</body>\n</html>\n`;
}
