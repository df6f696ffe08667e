/** The questions of `ainogap init`. They are talk, so they go to stderr. */
import { cancel, intro, isCancel, select, text } from '@clack/prompts';
import { address } from '../config/scalars.ts';
import { INIT_DEFAULTS, type InitAnswers } from './initial-config.ts';

const output = process.stderr;

/** Null when the user gives up (Ctrl-C). */
export async function askInitAnswers(defaults: InitAnswers, askKind: boolean): Promise<InitAnswers | null> {
  intro('ainogap', { output });
  const kind = askKind ? await askForKind(defaults) : defaults.kind;
  if (kind === null) return stopped();
  const credential = await askForCredential(kind, defaults);
  if (credential === null) return stopped();
  const listen = await askForText('Where shall the gateway listen?', defaults.listen, listenMistake);
  return listen === null ? stopped() : { ...defaults, kind, credential, listen };
}

async function askForKind(defaults: InitAnswers): Promise<InitAnswers['kind'] | null> {
  const answer = await select({
    message: 'Where do requests go?',
    initialValue: defaults.kind,
    options: [
      { value: 'anthropic' as const, label: 'Anthropic', hint: 'needs an API key' },
      { value: 'simulator' as const, label: 'The simulator', hint: 'to try things out; needs nothing' },
    ],
    output,
  });
  return isCancel(answer) ? null : answer;
}

/** Not asked where it was given, or is in no variable. */
async function askForCredential(kind: InitAnswers['kind'], { credential }: InitAnswers): Promise<string | null> {
  if (kind !== 'anthropic' || credential !== INIT_DEFAULTS.credential) return credential;
  const name = await askForText('Which environment variable holds its API key?', credential.slice('env:'.length), envMistake);
  return name === null ? null : `env:${name}`;
}

async function askForText(message: string, initial: string, mistake: (value: string) => string | undefined): Promise<string | null> {
  const answer = await text({ message, placeholder: initial, defaultValue: initial, validate: (value) => (value ? mistake(value) : undefined), output });
  return isCancel(answer) ? null : answer;
}

function envMistake(value: string): string | undefined {
  // The answer is not repeated: a key pasted here by mistake would be.
  return /^[A-Z_][A-Z0-9_]*$/.test(value) ? undefined : 'The name of a variable, such as ANTHROPIC_API_KEY; not the key itself.';
}

function listenMistake(value: string): string | undefined {
  const parsed = address(value);
  return parsed.ok ? undefined : `It ${parsed.message}.`;
}

function stopped(): null {
  cancel('Stopped.', { output });
  return null;
}
