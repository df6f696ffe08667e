/** A change of a route, made or only shown. */
import { changeRoute } from '../../actions/change-route.ts';
import type { Actor } from '../../audit/actor.ts';
import type { Db } from '../../db/open.ts';
import type { RouteAlias } from '../../ids.ts';
import type { PriceBook } from '../../metering/price-book.ts';
import type { RouteChange, RouteRecord } from '../../registry/routes.ts';
import { requireBuyerIds, routeNotFound } from './find-subject.ts';
import { modelsBelowList, routeDocument, type RouteSurroundings } from './route-documents.ts';
import { changedCard, type WantedChange } from './wanted-card.ts';

export interface RouteWish {
  readonly alias: string;
  readonly request: WantedChange;
  readonly book: PriceBook;
  /** Unix ms. */
  readonly now: number;
  readonly around: (db: Db) => RouteSurroundings;
}

/** Inside the caller's transaction. */
export function performRouteChange(db: Db, by: Actor, { alias, request, book, now, around }: RouteWish): Record<string, unknown> {
  const outcome = changeRoute(db, by, { alias: alias as RouteAlias, decide: (before) => changeOf(db, { before, request, book }), now });
  if (outcome.kind === 'notFound') return routeNotFound(db, alias);
  const after = outcome.kind === 'changed' ? outcome.after : outcome.before;
  const surroundings = around(db);
  return {
    changed: outcome.kind === 'changed',
    before: routeDocument(outcome.before, surroundings),
    after: routeDocument(after, surroundings),
    belowList: modelsBelowList(after, book),
  };
}

/** The very change, rolled back: so what is shown is what would be, down to the card's version. */
export function previewRouteChange(db: Db, by: Actor, wish: RouteWish): Record<string, unknown> {
  let shown: Record<string, unknown> | null = null;
  const undone = new Error('the change was only to be shown');
  try {
    db.transaction(() => {
      shown = performRouteChange(db, by, wish);
      throw undone;
    }).immediate();
  } catch (error) {
    if (error !== undone) throw error;
  }
  return shown as unknown as Record<string, unknown>;
}

interface Asked {
  readonly before: RouteRecord;
  readonly request: WantedChange;
  readonly book: PriceBook;
}

function changeOf(db: Db, { before, request, book }: Asked): RouteChange {
  const card = changedCard(book, before, request);
  return {
    ...(request.upstream === undefined ? {} : { upstream: request.upstream }),
    ...(card === null ? {} : { card }),
    ...(request.holdOutputTokens === undefined ? {} : { holdOutputTokens: request.holdOutputTokens }),
    ...(request.buyers === undefined ? {} : { buyers: requireBuyerIds(db, request.buyers) }),
  };
}
