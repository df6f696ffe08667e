/** The text of a first `config.yaml`. */

export interface InitAnswers {
  readonly kind: 'anthropic' | 'simulator';
  /** Where the upstream's credential is: `env:NAME`, `file:PATH` or `credential:NAME`. */
  readonly credential: string;
  /** `host:port`. */
  readonly listen: string;
  /** As it will stand in the file; relative paths begin at the file's folder. */
  readonly database: string;
}

export const INIT_DEFAULTS: InitAnswers = { kind: 'anthropic', credential: 'env:ANTHROPIC_API_KEY', listen: '127.0.0.1:8787', database: './ainogap.db' };

export function initialConfig(answers: InitAnswers): string {
  const upstream =
    answers.kind === 'anthropic'
      ? `  anthropic:
    kind: anthropic
    base_url: https://api.anthropic.com
    # Where the credential is, never the credential itself: env:NAME, file:PATH or credential:NAME.
    credential: ${JSON.stringify(answers.credential)}
`
      : `  # Answers by itself, costs nothing. Its knobs: delay, tokens_per_second, output_tokens, failure.
  simulator:
    kind: simulator
    delay: 300ms
    tokens_per_second: 80
`;
  return `# The configuration of ainogap. All other keys and their defaults: config.example.yaml.
listen: ${JSON.stringify(answers.listen)}
database: ${JSON.stringify(answers.database)}${answers.database.startsWith('.') ? '          # relative to this file' : ''}
upstreams:
${upstream}
# Models beyond those built in: the newest ones that clients ask for belong here, with the prices that you pay.
# models:
#   - id: claude-opus-5-5
#     prices: { input: 5, output: 25, cache_write_5m: 6.25, cache_write_1h: 10, cache_read: 0.50 }   # USD per million
#     context_window: 1000000
#     max_output: 128000
`;
}
