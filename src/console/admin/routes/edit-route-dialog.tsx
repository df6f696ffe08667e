import { useState, type ReactNode } from 'react';
import type { AdminRoute, ChangedRoute } from '../../../api/schemas/admin.ts';
import { useToast } from '../../parts/toast.tsx';
import { useChange } from '../../queries.ts';
import { ChangeDialog } from '../change-dialog.tsx';
import { changeRouteBody, draftOf, type RouteDraft } from './route-draft.ts';
import { RouteDiff } from './route-diff.tsx';
import { RouteFields } from './route-fields.tsx';

/** Two steps: what is wanted, then what that changes. Only the second one changes anything. */
export function EditRouteDialog({ route, onClose }: { readonly route: AdminRoute; readonly onClose: () => void }): ReactNode {
  // The route as it was when the dialog opened: fresh figures behind it must not move what is compared.
  const [was] = useState(route);
  const [draft, setDraft] = useState<RouteDraft>(() => draftOf(was));
  const [preview, setPreview] = useState<ChangedRoute | null>(null);
  const path = `/admin/routes/${encodeURIComponent(was.alias)}`;
  const ask = useChange<Record<string, unknown>, ChangedRoute>({ method: 'PATCH', path });
  const change = useChange<Record<string, unknown>, ChangedRoute>({ method: 'PATCH', path, refresh: ['/admin/routes', '/admin/audit'] });
  const toast = useToast();
  const wanted = changeRouteBody(was, draft);
  if (preview === null) {
    const look = async (): Promise<void> => {
      if (wanted.ok) setPreview(await ask.run({ ...wanted.body, preview: true }));
    };
    return (
      <ChangeDialog title={`Edit route “${was.alias}”`} submit="Review the change" wide change={ask} ready={wanted.ok} onSubmit={look} onClose={onClose}>
        <RouteFields draft={draft} setDraft={setDraft} existing />
        {wanted.ok ? null : <p className="muted">{wanted.reason}</p>}
      </ChangeDialog>
    );
  }
  const apply = async (): Promise<void> => {
    if (!wanted.ok) return;
    const done = await change.run(wanted.body);
    onClose();
    toast(done.changed ? `Route “${was.alias}” is changed: card ${done.after.card.priceCard}.` : 'Nothing was changed.');
  };
  return (
    <ChangeDialog title={`Change route “${was.alias}”?`} submit={preview.belowList.length > 0 ? 'Change, below list' : 'Change now'} danger={preview.belowList.length > 0} wide change={change} ready={preview.changed} onSubmit={apply} onClose={() => setPreview(null)}>
      <RouteDiff change={preview} />
    </ChangeDialog>
  );
}
