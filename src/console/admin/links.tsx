/** The ways from one page of the panel to another; names that people chose are text, never markup. */
import type { ReactNode } from 'react';
import { Link } from 'wouter';

export function BuyerLink({ buyerId, name }: { readonly buyerId: string; readonly name: string }): ReactNode {
  return <Link href={`/buyers/${encodeURIComponent(buyerId)}`}>{name}</Link>;
}

export function RouteLink({ alias }: { readonly alias: string | null }): ReactNode {
  return alias === null ? <span className="muted">—</span> : <Link href={`/routes/${encodeURIComponent(alias)}`}>{alias}</Link>;
}

export function RequestLink({ requestId }: { readonly requestId: string }): ReactNode {
  return (
    <Link className="mono nowrap" href={`/requests/${encodeURIComponent(requestId)}`}>
      {requestId}
    </Link>
  );
}
