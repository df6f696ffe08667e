// All licences as one text for people: what there is first, then each text once with those that it is for.
import { OWN } from './bundled-packages.ts';
import type { Component, Components } from './components.ts';

const RULE = '='.repeat(80);
const named = ({ name, version }: { readonly name: string; readonly version?: string }): string => (version === undefined ? name : `${name} ${version}`);

export function licensesText({ product, components, texts }: Components): string {
  const own = (texts.get(OWN) ?? []).join('\n\n');
  const head = `${named(product)} is under this licence:\n\n${own}\n\nIt contains the work of others, under the licences below:\n\n${table(components)}`;
  const groups = [...groupsByText(components, texts)].map(([text, names]) => `${RULE}\n${wrapped(names)}\n${RULE}\n\n${text}`);
  return `${[head, ...groups].join('\n\n')}\n`;
}

/** In the order of the components that have each first. */
function groupsByText(components: readonly Component[], texts: Components['texts']): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const component of components) {
    for (const text of texts.get(component.id) ?? []) groups.set(text, [...(groups.get(text) ?? []), named(component)]);
  }
  return groups;
}

function table(components: readonly Component[]): string {
  const width = Math.max(...components.map((component) => named(component).length));
  return components.map((component) => `  ${named(component).padEnd(width)}  ${component.license}`).join('\n');
}

/** Names, comma-separated, in lines of at most 80 characters. */
function wrapped(names: readonly string[]): string {
  const lines: string[] = [];
  for (const word of names.map((name, at) => (at === names.length - 1 ? name : `${name},`))) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > 80) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.join('\n');
}
