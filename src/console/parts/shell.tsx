import { useEffect, useRef, useState, type ReactNode, type RefObject } from 'react';
import { Link, useLocation } from 'wouter';
import type { Live } from '../events.ts';
import { Button } from './button.tsx';
import { BrandSign, Icon, type IconName } from './icons.tsx';
import { StatusDot } from './notices.tsx';
import { ThemeSwitch } from './theme-choice.tsx';

export interface NavLink {
  readonly href: string;
  readonly label: string;
  readonly icon: IconName;
  /** Not one of this console's own pages. */
  readonly outside?: boolean;
}
export interface NavSection {
  readonly title?: string;
  readonly links: readonly NavLink[];
}

export interface ShellProps {
  /** Beside the brand, such as `admin`. */
  readonly tag?: string;
  readonly sections: readonly NavSection[];
  readonly account: { readonly name: string; readonly note: string };
  readonly live: Live | null;
  readonly onSignOut: () => void;
  readonly children: ReactNode;
}

/** The frame of all pages behind the sign-in: navigation, live state, theme, account. */
export function Shell({ tag, sections, account, live, onSignOut, children }: ShellProps): ReactNode {
  const [open, setOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const close = useRef<HTMLSpanElement>(null);
  useFromTheTop(main);
  useEffect(() => {
    if (open) close.current?.querySelector('button')?.focus();
  }, [open]);
  return (
    <div className="frame">
      <a className="skip" href="#content">
        Skip to content
      </a>
      <header className="top" inert={open}>
        <Brand {...(tag === undefined ? {} : { tag })} />
        <Button look="quiet" icon aria-label="Menu" aria-expanded={open} onClick={() => setOpen(true)}>
          <Icon name="menu" />
        </Button>
      </header>
      <aside className="side" aria-label="Console" data-open={open} onKeyDown={(event) => event.key === 'Escape' && setOpen(false)}>
        <div className="side-head">
          <Brand {...(tag === undefined ? {} : { tag })} />
          <span className="side-close" ref={close}>
            <Button look="quiet" icon aria-label="Close menu" onClick={() => setOpen(false)}>
              <Icon name="close" />
            </Button>
          </span>
        </div>
        <nav aria-label="Pages" onClick={() => setOpen(false)}>
          {sections.map((section, at) => (
            <NavList key={section.title ?? at} section={section} />
          ))}
        </nav>
        <div className="side-end">
          {live !== null && <LiveState live={live} />}
          <ThemeSwitch />
          <div className="account">
            <span className="account-name">
              {account.name}
              <small>{account.note}</small>
            </span>
            <Button look="quiet" icon small aria-label="Sign out" title="Sign out" onClick={onSignOut}>
              <Icon name="leave" />
            </Button>
          </div>
        </div>
      </aside>
      <main className="content" id="content" tabIndex={-1} ref={main} inert={open}>
        <div className="content-inner">{children}</div>
      </main>
    </div>
  );
}

/** Another page begins at its top, also for those who hear it or go through it by keys. Filters of a page leave it where it is. */
function useFromTheTop(main: RefObject<HTMLElement | null>): void {
  const [location] = useLocation();
  const shown = useRef(location);
  useEffect(() => {
    if (shown.current === location) return;
    shown.current = location;
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [location, main]);
}

function Brand({ tag }: { readonly tag?: string }): ReactNode {
  return (
    <Link href="/" className="brand">
      <BrandSign />
      ainogap
      {tag !== undefined && <span className="tag">{tag}</span>}
    </Link>
  );
}

function NavList({ section }: { readonly section: NavSection }): ReactNode {
  return (
    <>
      {section.title !== undefined && <p className="side-title">{section.title}</p>}
      <ul className="side-nav">
        {section.links.map((link) => (
          <li key={link.href}>{link.outside === true ? <a className="side-link" href={link.href}><Icon name={link.icon} />{link.label}</a> : <InsideLink link={link} />}</li>
        ))}
      </ul>
    </>
  );
}

function InsideLink({ link }: { readonly link: NavLink }): ReactNode {
  const [location] = useLocation();
  const here = link.href === '/' ? location === '/' : location === link.href || location.startsWith(`${link.href}/`);
  return (
    <Link href={link.href} className="side-link" aria-current={here ? 'page' : undefined}>
      <Icon name={link.icon} />
      {link.label}
    </Link>
  );
}

function LiveState({ live }: { readonly live: Live }): ReactNode {
  const words = { live: 'Live', connecting: 'Connecting', stale: 'Updates paused' }[live.state];
  return (
    <div className="live" role="status">
      <StatusDot tone={live.state === 'live' ? 'good' : live.state === 'stale' ? 'bad' : 'wait'}>{words}</StatusDot>
    </div>
  );
}
