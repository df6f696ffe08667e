import { useEffect, useRef, useState, type ReactNode } from 'react';

/** A box that scrolls sideways when it must; only then it takes the keyboard's focus. */
export function Scroller({ label, children }: { readonly label: string; readonly children: ReactNode }): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const [wide, setWide] = useState(false);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const look = new ResizeObserver(() => setWide(element.scrollWidth > element.clientWidth + 1));
    look.observe(element);
    return () => look.disconnect();
  }, []);
  return (
    <div className="table-box" ref={box} {...(wide ? { tabIndex: 0, role: 'region', 'aria-label': label } : {})}>
      {children}
    </div>
  );
}
