import { useEffect, type ReactNode } from 'react';
import { BrandSign } from '../parts/icons.tsx';
import { ThemeSwitch } from '../parts/theme-choice.tsx';
import type { Kind } from '../console-places.ts';

export interface DoorProps {
  readonly kind: Kind;
  readonly title: string;
  readonly children: ReactNode;
}

/** The frame of the pages before there is a session. */
export function Door({ kind, title, children }: DoorProps): ReactNode {
  useEffect(() => {
    document.title = `${title} · ainogap`;
  }, [title]);
  return (
    <div className="door">
      <header className="door-top">
        <span className="brand">
          <BrandSign />
          ainogap
          {kind === 'admin' && <span className="tag">admin</span>}
        </span>
        <ThemeSwitch />
      </header>
      <main className="door-main">
        <div className="door-card">
          <h1>{title}</h1>
          {children}
        </div>
      </main>
    </div>
  );
}
