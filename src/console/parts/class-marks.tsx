import type { ReactNode } from 'react';
import { CLASS_WORDS, TOKEN_CLASSES, type TokenClass } from '../../tokens.ts';

/** A class by its colour and its word. */
export function ClassMark({ name }: { readonly name: TokenClass }): ReactNode {
  return (
    <span className="class-mark">
      <span className={`swatch class-${name}`} aria-hidden="true" />
      {CLASS_WORDS[name]}
    </span>
  );
}

/** All five, in their order. */
export function ClassLegend(): ReactNode {
  return (
    <ul className="legend-plain" aria-label="Token classes">
      {TOKEN_CLASSES.map((name) => (
        <li key={name}>
          <ClassMark name={name} />
        </li>
      ))}
    </ul>
  );
}
