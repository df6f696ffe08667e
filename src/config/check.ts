/** A schema of zod's → mistakes with the paths and words that an operator reads. */
import type { Mistake } from './cross-checks.ts';
import type { YamlPath } from './read-yaml.ts';

interface Schema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false; error: { issues: readonly Issue[] } };
}
interface Issue {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
}

/** The value in its schema's shape; or null, with what is wrong added to `mistakes`. */
export function check<T>(schema: Schema<T>, value: unknown, at: YamlPath, mistakes: Mistake[]): T | null {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const here = [...at, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))];
    const messages = issue.message.split('\n');
    if (issue.code !== 'unrecognized_keys') mistakes.push({ path: here, message: issue.message });
    else issue.keys?.forEach((key, index) => mistakes.push({ path: [...here, key], message: messages[index] ?? 'unknown key' }));
  }
  return null;
}
