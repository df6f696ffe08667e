import type { Setting } from '../../../api/schemas/admin.ts';

export interface SettingsGroup {
  /** The part of the key before its first dot; what stands at the top of the file is under `general`. */
  readonly name: string;
  readonly items: readonly Setting[];
}

/** Settings by their section, in the order in which sections and keys come. */
export function settingsGroups(items: readonly Setting[], search: string): SettingsGroup[] {
  const wanted = search.trim().toLowerCase();
  const groups = new Map<string, Setting[]>();
  for (const item of items) {
    if (wanted !== '' && !`${item.key} ${item.value}`.toLowerCase().includes(wanted)) continue;
    const name = /^[^.[]+(?=[.[])/.exec(item.key)?.[0] ?? 'general';
    groups.set(name, [...(groups.get(name) ?? []), item]);
  }
  return [...groups].map(([name, entries]) => ({ name, items: entries }));
}

/** Where a value comes from, in words. */
export function sourceWords({ from, line }: Pick<Setting, 'from' | 'line'>): string {
  if (from === 'default') return 'default';
  if (from === 'option') return 'command line';
  return line === null ? 'file' : `file, line ${line}`;
}
