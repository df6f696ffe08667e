import * as os from 'node:os';
import * as path from 'node:path';
import * as fs from 'node:fs';

export interface ConfigSearch {
  /** `--config`, as typed. */
  readonly flag: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Default: the user's home. */
  readonly home?: string;
}

/**
 * The configuration to use, as an absolute path: `--config`, AINOGAP_CONFIG, `./config.yaml`, then
 * `ainogap/config.yaml` in the XDG config folder. What is named is returned even if it is not there, so that reading
 * it says so; null when nothing is named and nothing found.
 */
export function findConfigFile(search: ConfigSearch): string | null {
  const named = search.flag ?? search.env['AINOGAP_CONFIG'];
  if (named !== undefined && named !== '') return path.resolve(search.cwd, named);
  return [path.resolve(search.cwd, 'config.yaml'), userConfigFile(search)].find((file) => fs.existsSync(file)) ?? null;
}

/** https://specifications.freedesktop.org/basedir-spec: a relative XDG_CONFIG_HOME is ignored. */
function userConfigFile(search: ConfigSearch): string {
  const xdg = search.env['XDG_CONFIG_HOME'] ?? '';
  const home = search.home ?? search.env['HOME'] ?? os.homedir();
  return path.join(path.isAbsolute(xdg) ? xdg : path.join(home, '.config'), 'ainogap', 'config.yaml');
}
