/** One stream of snapshots for the whole panel: the frame and every page with live figures read it. */
import { createContext, useContext, useMemo, useState, type ReactNode } from 'react';
import type { Snapshot } from '../../api/schemas/live.ts';
import { useEvents, type Live } from '../events.ts';
import { StaleNote } from '../parts/notices.tsx';

export interface LiveFeed {
  /** Null until the first one has come; the last one while the stream is broken. */
  readonly snapshot: Snapshot | null;
  readonly live: Live;
}

const Feed = createContext<LiveFeed>({ snapshot: null, live: { state: 'connecting', asOf: null } });

export function LiveFeedProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const [snapshot, setSnapshot] = useState<Snapshot | null>(null);
  const live = useEvents('/admin/events', { snapshot: (data) => setSnapshot(data as Snapshot) });
  const value = useMemo(() => ({ snapshot, live }), [snapshot, live]);
  return <Feed value={value}>{children}</Feed>;
}

export const useLiveFeed = (): LiveFeed => useContext(Feed);

/** Above live figures: nothing while they come. */
export function LiveNote(): ReactNode {
  return <StaleNote live={useLiveFeed().live} />;
}
