import { useState, type FormEvent, type ReactNode } from 'react';
import type { SignedIn } from '../../api/schemas/sign-in.ts';
import { ApiFailure, send, type Item } from '../api-client.ts';
import { Button } from '../parts/button.tsx';
import { Field } from '../parts/fields.tsx';
import { ErrorNote } from '../parts/notices.tsx';
import { placeAfterSignIn, type Kind } from '../console-places.ts';
import { Door } from './door.tsx';
import { passkeysPossibleHere, signInWithPasskey } from './passkeys.ts';
import { useAttempt } from './use-attempt.ts';

/** Name and password, then a code where the account has one; or a passkey. */
export function LoginPage({ kind }: { readonly kind: Kind }): ReactNode {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [second, setSecond] = useState(false);
  const attempt = useAttempt();
  // A whole new page: nothing of another session's figures stays in memory.
  const enter = (): void => window.location.assign(placeAfterSignIn(kind, window.location.search));

  const signIn = async (): Promise<void> => {
    try {
      const given = code.replaceAll(/\s/g, '');
      await send<Item<SignedIn>>('POST', `/${kind}/login`, { name: name.trim(), password, transport: 'cookie', ...(second ? { code: given } : {}) });
      enter();
    } catch (error) {
      if (!(error instanceof ApiFailure) || error.code !== 'second_factor_required' || second) throw error;
      setSecond(true);
    }
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    attempt.run(signIn);
  };
  const back = (): void => {
    attempt.clear();
    setSecond(false);
    setCode('');
  };

  if (second)
    return (
      <Door kind={kind} title="Enter your code">
        <form className="form" onSubmit={submit}>
          <p className="muted">The six digits of your authenticator app, or one of your recovery codes.</p>
          <Field label="Code" value={code} onChange={setCode} code required autoFocus autoComplete="one-time-code" autoCapitalize="none" spellCheck={false} maxLength={32} />
          <ErrorNote error={attempt.error} />
          <Button type="submit" look="primary" busy={attempt.running}>
            Continue
          </Button>
          <Button look="quiet" onClick={back}>
            Back
          </Button>
        </form>
      </Door>
    );
  return (
    <Door kind={kind} title="Sign in">
      <form className="form" onSubmit={submit}>
        <Field label="Name" value={name} onChange={setName} required autoFocus autoComplete="username webauthn" autoCapitalize="none" spellCheck={false} maxLength={64} />
        <Field label="Password" type="password" value={password} onChange={setPassword} required autoComplete="current-password" maxLength={1000} />
        <ErrorNote error={attempt.error} />
        <Button type="submit" look="primary" busy={attempt.running}>
          Sign in
        </Button>
      </form>
      {passkeysPossibleHere() && (
        <>
          <div className="door-or">or</div>
          <Button busy={attempt.running} onClick={() => attempt.run(async () => signInWithPasskey(kind).then(enter))}>
            Use a passkey
          </Button>
        </>
      )}
      <p className="field-note">No password yet, or lost it? Ask the operator for an invitation link. An API key is not a way in.</p>
    </Door>
  );
}
