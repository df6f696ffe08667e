import type { Config } from '../config.ts';
import { ok, warning, type Finding } from './finding.ts';

const CHECK = 'open files';
/** Database, logs, workers, pages. */
const OWN = 200;

/** A request takes two: the client's connection and the upstream's. This process's bound, which a service's may differ from. */
export function checkOpenFiles(config: Config | null): Finding[] {
  const bound = openFilesBound();
  if (bound === null) return [ok(CHECK, 'this system names no bound')];
  const connections = config?.limits.connectionsMax ?? 0;
  const needed = 2 * connections + OWN;
  const what = `at most ${bound} files may be open here; limits.connections is ${connections}`;
  if (config !== null && bound < needed) return [warning(CHECK, `${what}, which may need ${needed}: above that, requests are refused`, `ulimit -n ${needed}   or   LimitNOFILE=${needed} in the service's unit`)];
  return [ok(CHECK, config === null ? `at most ${bound} files may be open here` : what)];
}

/** The soft bound: Node raises it to the hard one by itself when it starts. */
function openFilesBound(): number | null {
  Object.assign(process.report, { excludeNetwork: true });
  const report = process.report.getReport() as { readonly userLimits?: { readonly open_files?: { readonly soft?: number | string } } };
  const soft = report.userLimits?.open_files?.soft;
  return typeof soft === 'number' ? soft : null;
}
