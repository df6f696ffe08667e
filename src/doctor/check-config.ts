import { loadConfig, type Config } from '../config.ts';
import { ok, problem, warning, type Finding } from './finding.ts';

/** Every mistake is a finding of its own; the configuration is null when there is one. */
export function checkConfig(file: string | null): { readonly config: Config | null; readonly findings: readonly Finding[] } {
  if (file === null) return { config: null, findings: [problem('config', 'there is no config.yaml here, and none was named; nothing else of the gateway can be looked at', 'ainogap init')] };
  const loaded = loadConfig(file);
  if (!loaded.ok) return { config: null, findings: loaded.problems.map((mistake) => problem('config', mistake.toString(), `edit ${file}`)) };
  const { upstreams, models } = loaded.config;
  const what = `${file}: ${upstreams.size} ${upstreams.size === 1 ? 'upstream' : 'upstreams'}, ${models.length} models beyond those built in`;
  return { config: loaded.config, findings: [ok('config', what), ...loaded.warnings.map(configWarning)] };
}

/** Some of them end with the command that mends them. */
function configWarning(sentence: string): Finding {
  const [, message = sentence, next] = /^(.*); run: (.*)$/.exec(sentence) ?? [];
  return warning('config', message, next ?? 'edit the configuration, then kill -HUP the gateway');
}
