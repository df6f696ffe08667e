import type { AdminRequest } from '../../../api/schemas/admin.ts';
import { CLASS_WORDS, TOKEN_CLASSES } from '../../../tokens.ts';
import { tokensOf } from '../../classes.ts';
import { counted, duration, tokens, usdc } from '../../format.ts';
import type { Column } from '../../parts/data-table.tsx';
import { Time, Usdc } from '../../parts/figures.tsx';
import { BuyerLink, RequestLink, RouteLink } from '../links.tsx';
import { State } from '../state.tsx';

/** What a table of requests shows; the buyer only where they are of several. */
export function requestColumns(ofSeveral: boolean): Column<AdminRequest>[] {
  const buyer: Column<AdminRequest> = { id: 'buyer', header: 'Buyer', cell: (row) => <BuyerLink buyerId={row.buyerId} name={row.buyer} /> };
  return [
    {
      id: 'request',
      header: 'Request',
      cell: (row) => (
        <span className="stacked">
          <RequestLink requestId={row.requestId} />
          <small>
            <Time at={row.startedAt} />
          </small>
        </span>
      ),
    },
    ...(ofSeveral ? [buyer] : []),
    {
      id: 'route',
      header: 'Route, model',
      cell: (row) => (
        <span className="stacked">
          <RouteLink alias={row.route} />
          <small className="nowrap">{row.model ?? 'no model'}</small>
        </span>
      ),
    },
    {
      id: 'status',
      header: 'Status',
      cell: (row) => (
        <span className="stacked">
          <State of={row.status} />
          <small>{aftermath(row)}</small>
        </span>
      ),
    },
    ...TOKEN_CLASSES.map((name): Column<AdminRequest> => ({ id: name, header: CLASS_WORDS[name], numeric: true, cell: (row) => tokens(tokensOf(row)[name]) })),
    {
      id: 'charge',
      header: 'Charge, USDC',
      numeric: true,
      cell: (row) => (
        <span className="stacked">
          <Usdc micros={row.buyerChargeUsdMicros} digits={6} unit={false} />
          <small>{row.listCostUsdMicros === null ? '' : `list ${usdc(row.listCostUsdMicros, 6)}`}</small>
        </span>
      ),
    },
  ];
}

/** Why it failed, or how long it took and where. */
function aftermath({ errorCode, durationMs, upstream, attempts }: AdminRequest): string {
  const tries = attempts > 1 ? `, ${counted(attempts, 'try', 'tries')}` : '';
  if (errorCode !== null) return `${errorCode}${tries}`;
  return `${duration(durationMs)}${upstream === null ? '' : ` at ${upstream}`}${tries}`;
}
