import { useState, type ReactNode } from 'react';
import { chooseTheme, readTheme, type Theme } from '../theme-switch.ts';
import { Icon, type IconName } from './icons.tsx';

const THEMES: readonly (readonly [Theme, string, IconName])[] = [
  ['system', 'As the system', 'system'],
  ['light', 'Light', 'sun'],
  ['dark', 'Dark', 'moon'],
];

export function ThemeSwitch(): ReactNode {
  const [theme, setTheme] = useState(readTheme);
  const choose = (chosen: Theme): void => {
    chooseTheme(chosen);
    setTheme(chosen);
  };
  return (
    <div className="theme">
      <div className="switch" role="group" aria-label="Theme">
        {THEMES.map(([value, label, icon]) => (
          <button key={value} type="button" aria-pressed={theme === value} aria-label={label} title={label} onClick={() => choose(value)}>
            <Icon name={icon} />
          </button>
        ))}
      </div>
    </div>
  );
}
