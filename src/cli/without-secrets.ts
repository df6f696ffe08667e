const SECRETS = /\b(rk_|sk-ant-)[0-9A-Za-z_-]{12,}/g;

/** What was typed in the wrong place may be a key; messages quote what was typed and land in logs. */
export function withoutSecrets(text: string): string {
  return text.replace(SECRETS, '$1…(not shown: it looks like a key)');
}
