import type { ReactNode } from 'react';
import type { AdminBuyer } from '../../api/schemas/admin.ts';
import { Select } from '../parts/fields.tsx';
import { useList } from '../queries.ts';

/** The most that one page of the API has. */
const MOST = 200;

/** A filter by buyer; empty for all of them. */
export function BuyerSelect({ value, onChange }: { readonly value: string; readonly onChange: (buyerId: string) => void }): ReactNode {
  const buyers = useBuyers();
  return <Select label="Buyer" value={value} onChange={onChange} options={[{ value: '', label: 'All buyers' }, ...buyers.map(({ buyerId, name }) => ({ value: buyerId, label: name }))]} />;
}

/** The buyers to choose from, by name. */
export function useBuyers(): readonly AdminBuyer[] {
  const buyers = useList<AdminBuyer>('/admin/buyers', { limit: MOST });
  return (buyers.data ?? []).toSorted((a, b) => a.name.localeCompare(b.name));
}
