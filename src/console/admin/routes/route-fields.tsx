import type { ReactNode } from 'react';
import type { AdminUpstream, PriceBook } from '../../../api/schemas/admin.ts';
import { Switch } from '../../parts/choices.tsx';
import { Check, Field, Select } from '../../parts/fields.tsx';
import { useItem, useList } from '../../queries.ts';
import { useBuyers } from '../buyer-select.tsx';
import { PriceInputs } from './price-inputs.tsx';
import { startingPrices, type RouteDraft, type TypedPrices } from './route-draft.ts';

export interface RouteFieldsProps {
  readonly draft: RouteDraft;
  readonly setDraft: (draft: RouteDraft) => void;
  /** It exists: its alias stays, and its card may. */
  readonly existing: boolean;
}

const KEEP = { value: 'keep', label: 'Keep the card' } as const;
const PRICING = [
  { value: 'multiplier', label: 'List × multiplier' },
  { value: 'explicit', label: 'Prices of its own' },
] as const;
const NO_PRICES: TypedPrices = { input: '', output: '', cacheWrite5m: '', cacheWrite1h: '', cacheRead: '' };

/** The form of a route, new or changed. */
export function RouteFields({ draft, setDraft, existing }: RouteFieldsProps): ReactNode {
  const upstreams = useList<AdminUpstream>('/admin/upstreams').data ?? [];
  const names = [...new Set([...upstreams.filter(({ kind }) => kind !== null).map(({ upstream }) => upstream), ...(draft.upstream === '' ? [] : [draft.upstream])])];
  const choices = [...(existing ? [] : [{ value: '', label: 'Choose …' }]), ...names.map((name) => ({ value: name, label: name }))];
  return (
    <>
      {existing ? null : <Field label="Alias" note="Part of the address that buyers call: a-z, 0-9 and -." value={draft.alias} onChange={(alias) => setDraft({ ...draft, alias })} maxLength={64} autoComplete="off" spellCheck={false} required />}
      <Select label="Upstream" value={draft.upstream} onChange={(upstream) => setDraft({ ...draft, upstream })} options={choices} />
      <CardFields draft={draft} setDraft={setDraft} existing={existing} />
      <BuyerFields draft={draft} setDraft={setDraft} />
      <Field label="Output tokens to hold" note="Empty: the whole worst case of each request. Less lets more requests run at once, and what an answer costs beyond its hold is your risk." value={draft.holdOutputTokens} onChange={(holdOutputTokens) => setDraft({ ...draft, holdOutputTokens })} inputMode="numeric" autoComplete="off" />
    </>
  );
}

function CardFields({ draft, setDraft, existing }: RouteFieldsProps): ReactNode {
  const book = useItem<PriceBook>('/admin/price-book').data;
  const known = [...new Set([...(book?.models ?? []).map(({ model }) => model), ...draft.models])];
  const toggle = (model: string, chosen: boolean): void => {
    const models = chosen ? [...draft.models, model] : draft.models.filter((name) => name !== model);
    const prices = draft.prices[model] === undefined ? { ...draft.prices, [model]: startingPrices(model, book) ?? NO_PRICES } : draft.prices;
    setDraft({ ...draft, models, prices });
  };
  return (
    <fieldset className="fieldset">
      <legend className="field-label">Prices</legend>
      <Switch<RouteDraft['pricing']> label="Prices" choices={existing ? [KEEP, ...PRICING] : PRICING} value={draft.pricing} onChange={(pricing) => setDraft({ ...draft, pricing })} />
      {draft.pricing === 'multiplier' ? <Field label="Multiplier" note="On the list price of each class. Below 1 loses money." value={draft.multiplier} onChange={(multiplier) => setDraft({ ...draft, multiplier })} inputMode="decimal" autoComplete="off" required /> : null}
      {draft.pricing === 'keep' ? null : (
        <fieldset className="fieldset">
          <legend className="field-label">Models{draft.pricing === 'multiplier' ? <span className="muted"> (none chosen: all of the price book)</span> : null}</legend>
          <div className="checks-grid">
            {known.map((model) => (
              <Check key={model} checked={draft.models.includes(model)} onChange={(chosen) => toggle(model, chosen)}>
                {model}
              </Check>
            ))}
          </div>
        </fieldset>
      )}
      {draft.pricing === 'explicit' ? <PriceInputs draft={draft} setDraft={setDraft} /> : null}
    </fieldset>
  );
}

function BuyerFields({ draft, setDraft }: Omit<RouteFieldsProps, 'existing'>): ReactNode {
  const buyers = useBuyers();
  const toggle = (buyerId: string, chosen: boolean): void => setDraft({ ...draft, buyers: chosen ? [...draft.buyers, buyerId] : draft.buyers.filter((id) => id !== buyerId) });
  return (
    <fieldset className="fieldset">
      <legend className="field-label">Who may use it</legend>
      <Check checked={draft.open} onChange={(open) => setDraft({ ...draft, open })}>
        All buyers
      </Check>
      {draft.open ? null : (
        <div className="checks-grid">
          {buyers.map(({ buyerId, name }) => (
            <Check key={buyerId} checked={draft.buyers.includes(buyerId)} onChange={(chosen) => toggle(buyerId, chosen)}>
              {name}
            </Check>
          ))}
        </div>
      )}
    </fieldset>
  );
}
