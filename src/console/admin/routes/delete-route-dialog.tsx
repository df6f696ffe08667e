import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import { useChange } from '../../queries.ts';
import { ChangeDialog } from '../change-dialog.tsx';

export function DeleteRouteDialog({ alias, onClose }: { readonly alias: string; readonly onClose: () => void }): ReactNode {
  const [, go] = useLocation();
  const remove = useChange<Record<string, never>, unknown>({ method: 'DELETE', path: `/admin/routes/${encodeURIComponent(alias)}`, body: () => undefined, refresh: ['/admin/audit'] });
  const submit = async (): Promise<void> => {
    await remove.run({});
    go('/routes');
  };
  return (
    <ChangeDialog title={`Delete route “${alias}”?`} submit="Delete now" danger change={remove} ready onSubmit={submit} onClose={onClose}>
      <p>Requests to it are refused from the next one on. Those that run already will finish and be billed; its cards, receipts and usage stay.</p>
    </ChangeDialog>
  );
}
