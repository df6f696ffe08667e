import { expect, test } from 'vitest';
import { settingsGroups, sourceWords } from '../../../src/console/admin/settings/settings-groups.ts';

const item = (key: string, value = 'x') => ({ key, value, from: 'default' as const, line: null, restart: false });

test('settings are grouped by their section, lists of the file included', () => {
  const groups = settingsGroups([item('listen'), item('limits.a'), item('upstreams[0].name'), item('limits.b')], '');
  expect(groups.map(({ name, items }) => [name, items.map(({ key }) => key)])).toEqual([
    ['general', ['listen']],
    ['limits', ['limits.a', 'limits.b']],
    ['upstreams', ['upstreams[0].name']],
  ]);
});

test('a search looks at keys and values, and leaves no empty section', () => {
  expect(settingsGroups([item('listen', '127.0.0.1:8787'), item('limits.a')], '8787').map(({ name }) => name)).toEqual(['general']);
});

test('it is told where a value comes from', () => {
  expect(sourceWords({ from: 'file', line: 12 })).toBe('file, line 12');
  expect(sourceWords({ from: 'option', line: null })).toBe('command line');
  expect(sourceWords({ from: 'default', line: null })).toBe('default');
});
