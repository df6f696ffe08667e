import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { Link } from 'wouter';

export type ButtonLook = 'plain' | 'primary' | 'danger' | 'quiet';

export interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className'> {
  readonly look?: ButtonLook;
  readonly small?: boolean;
  /** Only an icon within: the name goes to `aria-label`. */
  readonly icon?: boolean;
  /** Says so and takes no second press. */
  readonly busy?: boolean;
}

const classes = (look: ButtonLook, small: boolean, icon: boolean): string =>
  ['button', look === 'plain' ? '' : `button-${look}`, small ? 'button-small' : '', icon ? 'button-icon' : ''].filter(Boolean).join(' ');

export function Button({ look = 'plain', small = false, icon = false, busy = false, disabled, children, ...rest }: ButtonProps): ReactNode {
  return (
    <button type="button" {...rest} className={classes(look, small, icon)} disabled={disabled === true || busy} aria-busy={busy || undefined}>
      {children}
    </button>
  );
}

export interface ButtonLinkProps {
  /** Within the console's own pages, or with `plain` anywhere on this gateway. */
  readonly href: string;
  readonly look?: ButtonLook;
  readonly small?: boolean;
  /** A file, or a page that is not the console's. */
  readonly outside?: boolean;
  readonly download?: boolean;
  readonly children: ReactNode;
}

export function ButtonLink({ href, look = 'plain', small = false, outside = false, download = false, children }: ButtonLinkProps): ReactNode {
  const className = classes(look, small, false);
  if (!outside && !download) return <Link href={href} className={className}>{children}</Link>;
  return (
    <a href={href} className={className} download={download || undefined}>
      {children}
    </a>
  );
}
