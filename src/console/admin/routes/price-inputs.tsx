import type { ReactNode } from 'react';
import { CLASS_WORDS, TOKEN_CLASSES, type TokenClass } from '../../../tokens.ts';
import { Field } from '../../parts/fields.tsx';
import type { RouteDraft } from './route-draft.ts';

interface Props {
  readonly draft: RouteDraft;
  readonly setDraft: (draft: RouteDraft) => void;
}

/** Five prices for each chosen model, in USDC per million tokens. */
export function PriceInputs({ draft, setDraft }: Props): ReactNode {
  const type = (model: string, tokenClass: TokenClass, value: string): void => {
    const prices = draft.prices[model];
    if (prices !== undefined) setDraft({ ...draft, prices: { ...draft.prices, [model]: { ...prices, [tokenClass]: value } } });
  };
  return draft.models.map((model) => (
    <fieldset key={model} className="fieldset">
      <legend className="field-label">{model}, USDC per million tokens</legend>
      <div className="price-inputs">
        {TOKEN_CLASSES.map((name) => (
          <Field key={name} label={CLASS_WORDS[name]} value={draft.prices[model]?.[name] ?? ''} onChange={(value) => type(model, name, value)} inputMode="decimal" autoComplete="off" />
        ))}
      </div>
    </fieldset>
  ));
}
