/** What the gateway does at the moment of the scrape. */
import type { LedgerFigures } from '../ledger/ledger.ts';
import type { ServerFigures } from '../proxy/server.ts';
import { single, type Family } from './exposition.ts';

export interface GatewayFigures {
  readonly server: ServerFigures;
  readonly connectionsMax: number;
  readonly ledger: LedgerFigures;
  readonly bodyBytes: number;
  readonly bodyBytesMax: number;
  /** Requests that wait for money. */
  readonly waiting: number;
  readonly drains: { readonly taken: number; readonly total: number; readonly refused: number; readonly max: number };
  /** Names of the alert rules in force. */
  readonly rules: readonly string[];
}

const IN_FLIGHT = single('gauge', 'ainogap_requests_in_flight', 'Requests on the address of the data plane that are not over, also those whose client has left.');
const HELD = single('gauge', 'ainogap_requests_held', 'Of those, requests with a hold of this process: at an upstream, relayed or being settled.');
const WAITING = single('gauge', 'ainogap_requests_waiting_for_funds', "Requests that wait for money that their buyer's other requests hold.");
const CONNECTIONS = single('gauge', 'ainogap_client_connections', 'Connections on the address of the data plane.');
const CONNECTIONS_MAX = single('gauge', 'ainogap_client_connections_max', 'How many there may be (limits.connections).');
const DROPPED = single('counter', 'ainogap_client_connections_dropped_total', 'Connections that were closed as they came, for there were that many.');
const BODIES = single('gauge', 'ainogap_body_memory_bytes', 'Request bodies in memory.');
const BODIES_MAX = single('gauge', 'ainogap_body_memory_max_bytes', 'How much they may take (limits.body_memory).');
const DRAINING = single('gauge', 'ainogap_drains_running', 'Upstream responses that are read on for clients that have left.');
const DRAINS_MAX = single('gauge', 'ainogap_drains_max', 'How many there may be (disconnect.drain.concurrent).');
const DRAINS = single('counter', 'ainogap_drains_total', 'Upstream responses that were read on for clients that had left.');
const UNDRAINED = single('counter', 'ainogap_drains_refused_total', 'Upstream responses that were cut at once, for so many were read on already.');
const COMMITS = single('counter', 'ainogap_ledger_commits_total', 'Transactions of the ledger, each of one operation or of many.');
const PENDING = single('gauge', 'ainogap_ledger_operations_pending', 'Holds, settlements and the like that wait for the disk.');

export function gatewayFamilies(figures: GatewayFigures): Family[] {
  const { server, ledger, drains } = figures;
  return [
    IN_FLIGHT(server.answering),
    HELD(server.delivering),
    WAITING(figures.waiting),
    CONNECTIONS(server.connections),
    CONNECTIONS_MAX(figures.connectionsMax),
    DROPPED(server.connectionsDropped),
    BODIES(figures.bodyBytes),
    BODIES_MAX(figures.bodyBytesMax),
    DRAINING(drains.taken),
    DRAINS_MAX(drains.max),
    DRAINS(drains.total),
    UNDRAINED(drains.refused),
    COMMITS(ledger.commits),
    PENDING(ledger.pending),
  ];
}
