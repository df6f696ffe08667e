import { createBackOff } from '../../auth/back-off.ts';
import { createChallenges } from '../../auth/challenges.ts';
import type { Challenges } from '../../auth/challenges.ts';
import { createPasswordHasher } from '../../auth/password-hash.ts';
import type { Door } from '../../auth/sign-in.ts';
import type { ApiDeps } from '../api-app.ts';

/** What signing in remembers between requests: failures, challenges, and the turns of the hasher. */
export interface SignInState {
  readonly door: Door;
  readonly challenges: Challenges;
}

const states = new WeakMap<ApiDeps, SignInState>();

/** One for buyers and admins together: who guesses at both is one guesser. */
export function signInStateOf(deps: ApiDeps): SignInState {
  let state = states.get(deps);
  if (state === undefined) {
    state = { door: { db: deps.db, log: deps.log, hasher: createPasswordHasher(), backOff: createBackOff() }, challenges: createChallenges() };
    states.set(deps, state);
  }
  return state;
}
