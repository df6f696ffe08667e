import type { ReactNode } from 'react';
import type { BuyerRoute, Me } from '../../api/schemas/buyer.ts';
import { CopyBox } from '../parts/copy-box.tsx';
import { Empty } from '../parts/notices.tsx';
import { useList } from '../queries.ts';
import { useNewKey } from './new-keys.ts';
import { snippet } from './snippets.ts';

/** Where requests would be: the command that makes the first. */
export function FirstRequest({ me }: { readonly me: Me | undefined }): ReactNode {
  const routes = useList<BuyerRoute>('/buyer/routes');
  const { newKey } = useNewKey();
  const route = routes.data?.[0];
  const model = route?.models[0];
  if (me === undefined || route === undefined || model === undefined) return <Empty title="No requests yet." />;
  return (
    <Empty title="No requests yet. Your key works with this command:">
      <CopyBox of="curl command" text={snippet('curl', { url: route.url, baseUrl: me.baseUrl, model: model.model, key: newKey?.secret ?? null })} />
    </Empty>
  );
}
