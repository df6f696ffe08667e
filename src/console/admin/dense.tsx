import type { ReactNode } from 'react';

/** Around a table of many columns: smaller and closer, so that the charge is in sight without scrolling. */
export function Dense({ children }: { readonly children: ReactNode }): ReactNode {
  return <div className="dense">{children}</div>;
}
