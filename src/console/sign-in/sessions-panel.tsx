import type { ReactNode } from 'react';
import type { Session } from '../../api/schemas/sign-in.ts';
import { Button } from '../parts/button.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Time } from '../parts/figures.tsx';
import { ErrorNote, Tag } from '../parts/notices.tsx';
import { Panel } from '../parts/page.tsx';
import { Pager } from '../parts/pager.tsx';
import { useToast } from '../parts/toast.tsx';
import { useChange, useList } from '../queries.ts';
import type { Kind } from '../console-places.ts';
import { browserWords } from './browser-words.ts';

/** Where one is signed in; each can be ended. */
export function SessionsPanel({ kind }: { readonly kind: Kind }): ReactNode {
  const sessions = useList<Session>(`/${kind}/sessions`);
  const toast = useToast();
  const refresh = [`/${kind}/sessions`];
  const end = useChange<Session, unknown>({ method: 'DELETE', path: (session) => `/${kind}/sessions/${session.sessionId}`, refresh });
  const others = useChange<Record<string, never>, unknown>({ path: `/${kind}/sessions/end-others`, refresh });
  const tell = (words: string) => [() => toast(words), () => {}] as const;
  const several = (sessions.data?.length ?? 0) > 1;
  return (
    <Panel flush title="Sessions" actions={several && <Button small busy={others.running} onClick={() => void others.run({}).then(...tell('All other sessions have ended.'))}>End all others</Button>}>
      <ErrorNote error={sessions.error ?? end.error ?? others.error} retry={sessions.retry} />
      <DataTable
        caption="Sessions"
        rows={sessions.data}
        rowKey={(session) => session.sessionId}
        columns={[
          { id: 'browser', header: 'Browser', cell: (session) => <>{session.transport === 'token' ? 'API token' : browserWords(session.userAgent)} {session.current && <Tag>this one</Tag>}</> },
          { id: 'address', header: 'Address', cell: (session) => session.address ?? '—' },
          { id: 'method', header: 'Signed in with', cell: (session) => methodWords(session.method) },
          { id: 'created', header: 'Since', cell: (session) => <Time at={session.createdAt} precision="minute" /> },
          { id: 'seen', header: 'Last seen', cell: (session) => <Time at={session.lastSeenAt} precision="minute" /> },
          { id: 'do', header: '', actions: true, cell: (session) => !session.current && <Button small look="danger" aria-label={`End session since ${session.createdAt}`} onClick={() => void end.run(session).then(...tell('Session ended.'))}>End</Button> },
        ]}
      />
      <Pager list={sessions} one="session" />
    </Panel>
  );
}

/** As the gateway names the ways in. */
function methodWords(method: string): string {
  return method === 'invite' ? 'invitation' : method.replaceAll('_', ' ');
}
