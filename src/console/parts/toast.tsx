import { createContext, useCallback, useContext, useMemo, useState, type ReactNode } from 'react';

interface Said {
  readonly id: number;
  readonly text: string;
}
const Toasts = createContext<(text: string) => void>(() => {});
const SHOWN_MS = 6_000;
let last = 0;

/** Says something for a few seconds: what was done, never what went wrong. */
export const useToast = (): ((text: string) => void) => useContext(Toasts);

export function ToastProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const [said, setSaid] = useState<readonly Said[]>([]);
  const say = useCallback((text: string) => {
    const id = ++last;
    setSaid((before) => [...before.slice(-2), { id, text }]);
    setTimeout(() => setSaid((before) => before.filter((toast) => toast.id !== id)), SHOWN_MS);
  }, []);
  return (
    <Toasts value={say}>
      {children}
      <div className="toasts" role="status" aria-live="polite">
        {useMemo(() => said.map((toast) => <div key={toast.id} className="toast">{toast.text}</div>), [said])}
      </div>
    </Toasts>
  );
}
