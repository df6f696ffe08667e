/** Line icons of 24 × 24, drawn for these pages. Decoration only: what they stand beside is in words. */
import type { ReactNode } from 'react';

export type IconName = keyof typeof PATHS;

const PATHS = {
  overview: 'M4 13h6V4H4zM14 20h6V11h-6zM4 20h6v-3H4zM14 7h6V4h-6z',
  keys: 'M14.5 9.5 20 4M17 7l2 2M9 20a5 5 0 1 0 0-10 5 5 0 0 0 0 10ZM12.5 11.5l3-3',
  requests: 'M4 6h16M4 12h16M4 18h10',
  statements: 'M6 3h9l4 4v14H6zM14 3v5h5M9 13h7M9 17h7',
  topup: 'M12 5v14M5 12h14',
  connect: 'M9 8l-5 4 5 4M15 8l5 4-5 4M13 5l-2 14',
  security: 'M12 3l7 3v6c0 4.5-3 7.5-7 9-4-1.5-7-4.5-7-9V6z',
  buyers: 'M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM2.5 21c0-4 3-6.500 6.500-6.500S15.500 17 15.500 21M16 3.500a4 4 0 0 1 0 7.500M18 14.800c2.200.800 3.500 3 3.500 6.200',
  routes: 'M6 20a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5ZM18 9a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5ZM8.500 17.500H14a3 3 0 0 0 3-3V9',
  upstreams: 'M7 18a4.500 4.500 0 0 1-.500-9A6 6 0 0 1 18 10a4 4 0 0 1-.500 8zM12 21v-8M9 15.500l3-3 3 3',
  usage: 'M4 20V10M10 20V4M16 20v-7M22 20H2',
  ledger: 'M5 3h14v18H5zM9 3v18M12 8h4M12 12h4',
  alerts: 'M12 4a6 6 0 0 0-6 6c0 6-2 7-2 7h16s-2-1-2-7a6 6 0 0 0-6-6ZM10 20.500a2 2 0 0 0 4 0',
  audit: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM16 16l5 5M8 11h6M8 8.500h4',
  settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 9.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5ZM9 19.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5Z',
  admins: 'M12 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM5 21c0-4 3-6.500 7-6.500s7 2.500 7 6.500',
  docs: 'M12 6c-2-1.500-5-2-8-2v14c3 0 6 .500 8 2 2-1.500 5-2 8-2V4c-3 0-6 .500-8 2ZM12 6v14',
  menu: 'M4 7h16M4 12h16M4 17h16',
  close: 'M6 6l12 12M18 6L6 18',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.400 1.400M17.600 17.600L19 19M19 5l-1.400 1.400M6.400 17.600L5 19',
  moon: 'M20 14a8 8 0 1 1-10-10 6.500 6.500 0 0 0 10 10Z',
  system: 'M3 5h18v11H3zM8 20h8M12 16v4',
  leave: 'M10 4H5v16h5M14 8l4 4-4 4M18 12H9',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
} as const;

export function Icon({ name }: { readonly name: IconName }): ReactNode {
  return (
    <svg viewBox="0 0 24 24" fill="none" strokeWidth="1.7" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The product's sign: the five classes as five bars. */
export function BrandSign(): ReactNode {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <rect className="sign-paper" width="24" height="24" rx="6" fill="var(--accent)" />
      {[6, 12, 9, 5, 14].map((height, bar) => (
        <rect key={bar} x={4 + bar * 3.4} y={19 - height} width="2.400" height={height} rx="0.800" fill="var(--on-accent)" />
      ))}
    </svg>
  );
}
