/** What the control plane is told of a configuration that is in force. */
import * as fs from 'node:fs';
import type { ApiPlan } from '../api/api-plan.ts';
import { ruleText, secretPlace, type Config } from '../config.ts';
import type { Addresses } from '../listeners.ts';
import { consoleOrigin, dataOrigin } from './origin.ts';
import { productVersion } from './version.ts';

export function apiPlanOf(config: Config, addresses: Addresses): ApiPlan {
  const { console: settings, tls } = config;
  return {
    database: config.database,
    version: productVersion(),
    timezone: config.timezone,
    baseUrl: dataOrigin(config, addresses.data),
    consoleUrl: consoleOrigin(config, addresses.console),
    dataPlane: { ...addresses.data, cert: tls && fs.readFileSync(tls.cert, 'utf8') },
    models: config.models,
    upstreams: [...config.upstreams.values()].map((upstream) => {
      if (upstream.kind === 'simulator') return { name: upstream.name, kind: upstream.kind, address: null, credential: null };
      const { name, kind, baseUrl, credential } = upstream;
      return { name, kind, address: baseUrl, credential: secretPlace(credential) };
    }),
    alertRules: config.alerts.rules.map((rule) => ({ name: rule.name, when: rule.when, words: ruleText(rule) })),
    trustedProxies: config.trustedProxies,
    sessionIdleMs: settings.sessionIdleMs,
    sessionMaxMs: settings.sessionMaxMs,
    inviteMs: settings.inviteMs,
    topUpInstructions: settings.topUpInstructions,
    settings: { file: config.file, items: config.settings },
  };
}
