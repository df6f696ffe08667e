import type { ReactNode } from 'react';
import { TOKEN_CLASSES } from '../../../tokens.ts';
import { sumOf, type PerClass } from '../../classes.ts';

const WIDTH = 1000;

/** A row's five parts as one bar; the row with the most fills it. The figures stand beside it. */
export function ClassBar({ values, most }: { readonly values: PerClass; readonly most: number }): ReactNode {
  const total = Math.max(most, sumOf(values), 1);
  let x = 0;
  return (
    <svg className="share-bar" viewBox={`0 0 ${WIDTH} 10`} preserveAspectRatio="none" aria-hidden="true">
      <rect className="rest" width={WIDTH} height="10" />
      {TOKEN_CLASSES.map((name) => {
        const width = (values[name] / total) * WIDTH;
        const at = x;
        x += width;
        return width === 0 ? null : <rect key={name} className={`class-${name}`} x={at} width={width} height="10" />;
      })}
    </svg>
  );
}
