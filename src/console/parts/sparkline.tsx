import type { ReactNode } from 'react';

const WIDTH = 96;
const HEIGHT = 24;

/** A line without axes beside a figure that says the amount; `label` says what it shows. */
export function Sparkline({ values, label }: { readonly values: readonly number[]; readonly label: string }): ReactNode {
  const most = Math.max(1, ...values);
  const step = WIDTH / Math.max(1, values.length - 1);
  const path = values.map((value, at) => `${at === 0 ? 'M' : 'L'}${(at * step).toFixed(1)} ${(HEIGHT - 2 - (value / most) * (HEIGHT - 4)).toFixed(1)}`).join('');
  return (
    <svg className="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      <path d={path} />
    </svg>
  );
}

