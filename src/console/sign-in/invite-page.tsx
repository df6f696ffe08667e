import { useEffect, useState, type FormEvent, type ReactNode } from 'react';
import type { Invitation, SignedIn } from '../../api/schemas/sign-in.ts';
import { send, type Item } from '../api-client.ts';
import { Button, ButtonLink } from '../parts/button.tsx';
import { Field } from '../parts/fields.tsx';
import { Time } from '../parts/figures.tsx';
import { ErrorNote, Notice } from '../parts/notices.tsx';
import { BASE, type Kind } from '../console-places.ts';
import { Door } from './door.tsx';
import { PASSWORD_MIN, passwordProblem } from './password-rules.ts';
import { useAttempt } from './use-attempt.ts';

/** Read once when the page's code starts, and gone from the address bar and the history at once. */
function takeToken(): string {
  const token = window.location.hash.slice(1);
  if (token !== '') window.history.replaceState(window.history.state, '', window.location.pathname);
  return token;
}

/** Accepts a one-time link: shows for whom it is, and sets the first password, or with a reset a new one. */
export function InvitePage({ kind }: { readonly kind: Kind }): ReactNode {
  const [token] = useState(takeToken);
  const [invitation, setInvitation] = useState<Invitation | null>(null);
  const check = useAttempt();
  const look = (): void => check.run(async () => setInvitation((await send<Item<Invitation>>('POST', `/${kind}/invite/check`, { token })).item));
  useEffect(() => {
    if (token !== '') look();
    // Once: the token never changes.
  }, []);
  if (token === '')
    return (
      <Door kind={kind} title="This link is not complete">
        <p>Open the invitation link again exactly as you received it. It works once; when it was used already, sign in.</p>
        <ButtonLink href="/login">Sign in</ButtonLink>
      </Door>
    );
  if (invitation === null)
    return (
      <Door kind={kind} title="Your invitation">
        {check.error === null ? <p className="muted">Checking the link…</p> : <ErrorNote error={check.error} retry={look} />}
        {check.error !== null && <p className="muted">A link works once and expires. Ask the operator for a new one, or sign in if you have set your password.</p>}
        {check.error !== null && <ButtonLink href="/login">Sign in</ButtonLink>}
      </Door>
    );
  return <AcceptForm kind={kind} token={token} invitation={invitation} />;
}

interface AcceptProps {
  readonly kind: Kind;
  readonly token: string;
  readonly invitation: Invitation;
}

function AcceptForm({ kind, token, invitation }: AcceptProps): ReactNode {
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const attempt = useAttempt();
  const problem = passwordProblem(password);
  const differs = again !== '' && again !== password;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (problem !== null || again !== password) return;
    attempt.run(async () => {
      await send<Item<SignedIn>>('POST', `/${kind}/invite/accept`, { token, password, transport: 'cookie' });
      window.location.assign(BASE[kind]);
    });
  };
  return (
    <Door kind={kind} title={invitation.reset ? `New password for ${invitation.name}` : `Welcome, ${invitation.name}`}>
      <form className="form" onSubmit={submit}>
        {invitation.reset ? (
          <Notice tone="warning">This removes your second factors and passkeys, and has ended all your sessions.</Notice>
        ) : (
          <p className="muted">
            Choose a password. You sign in with the name <strong>{invitation.name}</strong>.
          </p>
        )}
        <input className="visually-hidden" type="text" name="username" autoComplete="username" value={invitation.name} readOnly tabIndex={-1} aria-hidden="true" />
        <Field label="Password" type="password" value={password} onChange={setPassword} required autoFocus autoComplete="new-password" maxLength={1000} note={`At least ${PASSWORD_MIN} characters. A few unrelated words are good; the gateway checks that it is hard to guess.`} error={password === '' ? null : problem} />
        <Field label="Password again" type="password" value={again} onChange={setAgain} required autoComplete="new-password" maxLength={1000} error={differs ? 'The two are not the same.' : null} />
        <ErrorNote error={attempt.error} />
        <Button type="submit" look="primary" busy={attempt.running} disabled={password === '' || problem !== null || again !== password}>
          Set password and sign in
        </Button>
        <p className="field-note">
          The link expires <Time at={invitation.expiresAt} precision="minute" />.
        </p>
      </form>
    </Door>
  );
}
