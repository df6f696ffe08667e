/** What can stand in the place of an argument or of an option's value, by what its help calls it. */
import { EXPORT_FORMATS } from '../../reports/export-requests.ts';
import { USAGE_GROUPS } from '../../reports/usage-report.ts';
import { VIEWS } from '../../tui/view-state.ts';
import { SHELLS } from './shells.ts';

/** What `ainogap __complete` answers for. */
export const ASKED = ['buyers', 'buyer-list', 'admins', 'routes', 'keys', 'tokens', 'requests', 'upstreams', 'webhooks', 'models', 'model-list'] as const;
export type Asked = (typeof ASKED)[number];

export type ValueSource =
  | { readonly kind: 'files' }
  | { readonly kind: 'folders' }
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'asked'; readonly asked: Asked }
  /** Only who types can know it. */
  | { readonly kind: 'free' };

const words = (list: readonly string[]): ValueSource => ({ kind: 'words', words: list });
const ask = (asked: Asked): ValueSource => ({ kind: 'asked', asked });
const FREE: ValueSource = { kind: 'free' };

const BY_NAME: Readonly<Record<string, ValueSource>> = {
  file: { kind: 'files' },
  archive: { kind: 'files' },
  dir: { kind: 'folders' },
  buyer: ask('buyers'),
  alias: ask('routes'),
  'key-id': ask('keys'),
  'token-id': ask('tokens'),
  'request-id': ask('requests'),
  webhook: ask('webhooks'),
  group: words(USAGE_GROUPS),
  format: words(EXPORT_FORMATS),
  shell: words(SHELLS),
};

/** By the command and the option or argument: where the name alone does not say. */
const BY_PLACE: Readonly<Record<string, ValueSource>> = {
  'init --upstream': words(['anthropic', 'simulator']),
  'top --view': words(VIEWS),
  'admin disable name': ask('admins'),
  'admin enable name': ask('admins'),
  'admin invite name': ask('admins'),
  'key rotate --key': ask('keys'),
  'route create alias': FREE,
  'route create --upstream': ask('upstreams'),
  'route create --models': ask('model-list'),
  'route create --buyers': ask('buyer-list'),
  'route set --upstream': ask('upstreams'),
  'route set --models': ask('model-list'),
  'route set --buyers': ask('buyer-list'),
};

export interface Place {
  /** `key rotate`. */
  readonly command: string;
  /** `--key`; null for an argument. */
  readonly option: string | null;
  /** What the help calls the value. */
  readonly name: string;
  /** The words that commander itself accepts, where it was told. */
  readonly choices: readonly string[] | undefined;
}

export function valueSource({ command, option, name, choices }: Place): ValueSource {
  if (choices !== undefined) return words(choices);
  return BY_PLACE[`${command} ${option ?? name}`] ?? BY_NAME[name] ?? FREE;
}
