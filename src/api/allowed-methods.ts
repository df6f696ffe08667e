/** Which methods a path answers to: what tells a wrong method from a wrong path. */

interface Registered {
  readonly path: string;
  readonly method: string;
}

/** @param routes as Hono lists them; middleware is among them, under `ALL`. */
export function allowedMethods(routes: readonly Registered[], path: string): string[] {
  const methods = routes.filter((route) => route.method !== 'ALL' && patternOf(route.path).test(path)).map(({ method }) => method);
  const unique = new Set(methods);
  if (unique.has('GET')) unique.add('HEAD');
  return [...unique].sort();
}

/** `/buyer/keys/:keyId` → its expression. Patterns in braces are taken for anything within the segment. */
function patternOf(path: string): RegExp {
  const parts = path.split('/').map((part) => (part === '*' ? '.*' : part.startsWith(':') ? '[^/]+' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')));
  return new RegExp(`^${parts.join('/')}$`);
}
