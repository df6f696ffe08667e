const SECRETS = /\b(?:(rk_|sk-ant-|ainogap_admin_)[0-9A-Za-z_-]{12,}|(st_|iv_)[0-9A-Za-z_-]{43})/g;

/** What was typed in the wrong place may be a key; messages quote what was typed and land in logs. */
export function withoutSecrets(text: string): string {
  return text.replace(SECRETS, (_, key: string | undefined, token: string | undefined) => `${key ?? token ?? ''}…(not shown: it looks like a key)`);
}
