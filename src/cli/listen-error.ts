import type { Config } from '../config.ts';
import { CliError } from './cli-error.ts';

/** Why the gateway could not listen, in words; null for an error of another kind. */
export function listenError(error: unknown, config: Config): CliError | null {
  const { code, syscall, path, ...at } = error as NodeJS.ErrnoException & { readonly address?: string; readonly port?: number; readonly hostname?: string };
  const own = ownListener(config, at);
  const { host, port } = own?.listen ?? config.listen;
  const option = (words: string): { next?: string } => ({ next: own?.next ?? words });
  if (syscall === 'open' && config.tls && (path === config.tls.cert || path === config.tls.key))
    return new CliError(`the TLS file ${path} cannot be read (${code}).`);
  if (code?.startsWith('ERR_OSSL') || code?.startsWith('ERR_SSL')) return new CliError(`the TLS certificate or key cannot be used: ${(error as Error).message}.`);
  if (syscall !== 'listen' && syscall !== 'getaddrinfo') return null;
  switch (code) {
    case 'EADDRINUSE':
      return new CliError(`port ${port} on ${host} is in use by another program.`, option('ainogap serve --port 0   takes a free one'));
    case 'EACCES':
      return new CliError(`this user may not listen on port ${port}; ports below 1024 often need a privilege.`, option('ainogap serve --port 8787'));
    case 'EADDRNOTAVAIL':
      return new CliError(`${host} is no address of this machine.`, option('ainogap serve --host 127.0.0.1'));
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new CliError(`the name ${host} cannot be resolved.`, option('ainogap serve --host 127.0.0.1'));
    default:
      return new CliError(`cannot listen on ${host} port ${port} (${code}).`);
  }
}

/** Which listener beside that of the data plane it was; null: that one. */
function ownListener(config: Config, at: { readonly port?: number; readonly hostname?: string }): { readonly listen: Config['listen']; readonly next: string } | null {
  if (at.port === config.listen.port) return null;
  const all = [
    { listen: config.console.listen, next: 'console.listen in config.yaml says where the console listens' },
    { listen: config.metrics.listen, next: 'metrics.listen in config.yaml says where metrics are read' },
  ];
  for (const { listen, next } of all) if (listen !== null && (at.port === listen.port || at.hostname === listen.host)) return { listen, next };
  return null;
}
