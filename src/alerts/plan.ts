/** What the alerts of a configuration come to, with the webhooks' secrets read. Held in memory only. */
import * as path from 'node:path';
import { resolveSecret, SecretError, type AlertRule, type Config, type WebhookConfig } from '../config.ts';

export interface Webhook {
  readonly name: string;
  readonly url: string;
  /** Signs each call. */
  readonly secret: string;
}

export interface AlertPlan {
  readonly rules: readonly AlertRule[];
  readonly webhooks: readonly Webhook[];
}

/** RFC 2104 advises against keys that are much shorter than the hash; this bars only what could be guessed. */
const SECRET_BYTES_MIN = 16;

/** Throws `SecretError` when a webhook's secret is not where the configuration says, or too short. */
export function alertPlanOf(config: Pick<Config, 'alerts' | 'file'>, env: Readonly<Record<string, string | undefined>> = process.env): AlertPlan {
  const { rules, webhooks } = config.alerts;
  const folder = config.file === null ? process.cwd() : path.dirname(config.file);
  return { rules, webhooks: webhooks.map((webhook) => ({ name: webhook.name, url: webhook.url, secret: secretOf(webhook, folder, env) })) };
}

function secretOf({ name, secret: ref }: WebhookConfig, folder: string, env: Readonly<Record<string, string | undefined>>): string {
  let secret: string;
  try {
    secret = resolveSecret(ref, folder, env);
  } catch (error) {
    if (error instanceof SecretError) throw new SecretError(`the secret of the webhook ${name}: ${error.message}`);
    throw error;
  }
  const bytes = Buffer.byteLength(secret);
  if (bytes >= SECRET_BYTES_MIN) return secret;
  throw new SecretError(`the secret of the webhook ${name} has ${bytes} bytes; it needs at least ${SECRET_BYTES_MIN} ("openssl rand -hex 32" prints a good one)`);
}
