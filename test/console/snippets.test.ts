import { spawnSync } from 'node:child_process';
import { transformSync } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { LANGUAGES, snippet, type Target } from '../../src/console/buyer/snippets.ts';

const TARGET: Target = { url: 'https://gateway.example.com/claude-fast', baseUrl: 'https://gateway.example.com', model: 'claude-sonnet-5-5', key: null };
const SHELL = ['curl', 'claude-code', 'streaming'] as const;

describe('the examples of Connect', () => {
  test('those for a shell are a shell’s', () => {
    for (const language of SHELL) expect(spawnSync('bash', ['-n'], { input: snippet(language, TARGET) }).status, language).toBe(0);
  });

  test('curl sends a body that is JSON, for the chosen model', () => {
    for (const language of ['curl', 'streaming'] as const) {
      const printed = spawnSync('bash', [], { input: `curl() { for last; do :; done; printf %s "$last"; }\n${snippet(language, TARGET)}` }).stdout.toString();
      expect(JSON.parse(printed)).toMatchObject({ model: TARGET.model, ...(language === 'streaming' ? { stream: true } : {}) });
    }
  });

  test('those for the TypeScript SDK are TypeScript', () => {
    for (const language of ['typescript', 'caching'] as const) expect(() => transformSync(snippet(language, TARGET), { loader: 'ts', format: 'esm' })).not.toThrow();
  });

  test('each names the buyer’s own route and no secret, unless one was made just now', () => {
    for (const { value } of LANGUAGES) {
      expect(snippet(value, TARGET)).toContain(TARGET.url);
      expect(snippet(value, TARGET)).toContain('AINOGAP_KEY');
      const filled = snippet(value, { ...TARGET, key: 'rk_newkey' });
      expect(filled).toContain('rk_newkey');
      expect(filled).not.toContain('AINOGAP_KEY');
    }
  });
});
