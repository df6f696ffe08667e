import { useEffect, type ReactNode } from 'react';
import { Link } from 'wouter';

export interface PageProps {
  readonly title: string;
  /** One or two sentences below the title. */
  readonly lead?: ReactNode;
  /** Buttons to the right of the title. */
  readonly actions?: ReactNode;
  /** Where this page belongs: a link above the title. */
  readonly back?: { readonly href: string; readonly label: string };
  readonly children: ReactNode;
}

export function Page({ title, lead, actions, back, children }: PageProps): ReactNode {
  useEffect(() => {
    document.title = `${title} · ainogap`;
  }, [title]);
  return (
    <div className="page">
      <header className="page-head">
        <div>
          {back !== undefined && <Link href={back.href} className="page-back">← {back.label}</Link>}
          <h1>{title}</h1>
          {lead !== undefined && <p className="page-lead">{lead}</p>}
        </div>
        {actions !== undefined && <div className="page-actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

export interface PanelProps {
  readonly title?: ReactNode;
  readonly note?: ReactNode;
  readonly actions?: ReactNode;
  /** The content reaches the edges: for a table. */
  readonly flush?: boolean;
  readonly children: ReactNode;
}

export function Panel({ title, note, actions, flush = false, children }: PanelProps): ReactNode {
  return (
    <section className={flush ? 'panel panel-flush' : 'panel'}>
      {(title !== undefined || actions !== undefined) && (
        <div className="panel-head">
          <h2>
            {title}
            {note !== undefined && <span className="panel-note"> {note}</span>}
          </h2>
          {actions}
        </div>
      )}
      <div className="panel-body">{children}</div>
    </section>
  );
}
