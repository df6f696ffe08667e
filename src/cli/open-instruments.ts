/** The operator's instruments of a serving process: what is told of every request that ends. */
import type { Config } from '../config.ts';
import { secretsInForce } from '../config/secrets-in-force.ts';
import type { Gateway } from '../gateway.ts';
import type { OperatorLog } from '../log.ts';
import type { Observer } from '../proxy/observer.ts';
import { createRequestLog } from '../request-log/request-log.ts';
import { openTracing } from '../tracing/open-tracing.ts';
import { environmentWarning, tracingPlanOf, type TracingPlan } from '../tracing/tracing-plan.ts';
import type { CliContext } from './context.ts';
import { productVersion } from './version.ts';

export interface Instruments {
  readonly observers: readonly Observer[];
  /** Throws `SecretError`, before anything is changed, when a header of tracing is not where the configuration says. */
  prepare(config: Config): { readonly putInForce: () => void };
  /** Sends what is still to be sent, within a bound. */
  stop(): Promise<void>;
}

/** Throws as `prepare` does. */
export function openInstruments(ctx: CliContext, config: Config, log: OperatorLog): Instruments {
  const planOf = (of: Config): TracingPlan | null => tracingPlanOf({ config: of, env: ctx.env, version: productVersion(), secrets: secretsInForce(of, ctx.env) });
  const plan = planOf(config);
  const warning = environmentWarning(ctx.env);
  if (warning !== null) log.warn('tracing', { message: warning });
  const requests = createRequestLog(log, config.log.requests);
  const tracing = openTracing({ plan, log });
  return {
    observers: [requests, tracing],
    prepare(next) {
      const nextPlan = planOf(next);
      return {
        putInForce() {
          configureLog(ctx, next, log);
          requests.enabled = next.log.requests;
          tracing.reload(nextPlan);
        },
      };
    },
    stop: () => tracing.stop(),
  };
}

/** The same gateway; the instruments end after it, whichever way it ends. */
export function withInstruments(gateway: Gateway, instruments: Instruments): Gateway {
  let stopped: Promise<void> | null = null;
  const stop = (): Promise<void> => (stopped ??= instruments.stop());
  return { ...gateway, drain: () => gateway.drain().finally(stop), handOff: () => gateway.handOff().finally(stop) };
}

/** What is never to be read in the log comes first. */
export function configureLog(ctx: CliContext, config: Config, log: OperatorLog): void {
  log.hide(secretsInForce(config, ctx.env));
  log.configure(config.log);
}
