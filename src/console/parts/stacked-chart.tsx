import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { CLASS_WORDS, TOKEN_CLASSES } from '../../tokens.ts';
import { stackBars, type StackPoint } from '../chart-geometry.ts';
import { addAmounts, NO_AMOUNTS, sumOf, type PerClass } from '../classes.ts';
import { shortCount, tokens, usdc } from '../format.ts';
import { ClassMark } from './class-marks.tsx';

export type ChartUnit = 'usdc' | 'tokens';

export interface StackedChartProps {
  /** Undefined while loading. */
  readonly points: readonly StackPoint[] | undefined;
  readonly unit: ChartUnit;
  /** Of the whole, such as `Last 24 hours`. */
  readonly title: string;
}

const inWords = (unit: ChartUnit, amount: number): string => (unit === 'usdc' ? usdc(amount, 2) : tokens(amount));
/** All figures of an axis have as many decimals as its finest step needs. */
const onAxis = (unit: ChartUnit, amount: number, step: number): string => {
  if (unit === 'tokens') return shortCount(amount);
  return usdc(amount, step % 10_000 === 0 ? 2 : step % 100 === 0 ? 4 : 6);
};
const unitWord = (unit: ChartUnit): string => (unit === 'usdc' ? 'USDC' : 'tokens');

/** Bars of the five classes with the figures of the pointed or focused one above; arrows move from bar to bar. */
export function StackedChart({ points, unit, title }: StackedChartProps): ReactNode {
  const [active, setActive] = useState<number | null>(null);
  const [box, width] = useWidth();
  const at = active === null ? undefined : points?.[active];
  const values = at?.values ?? points?.reduce((sum, point) => addAmounts(sum, point.values), NO_AMOUNTS);
  return (
    <>
      <ChartLegend when={at === undefined ? title : `${at.label}${at.running === true ? ', so far' : ''}`} values={values} unit={unit} />
      <div className="chart" ref={box}>
        {width > 0 && <Bars points={points ?? []} unit={unit} title={title} width={width} active={active} setActive={setActive} />}
      </div>
    </>
  );
}

interface LegendProps {
  readonly when: string;
  readonly values: PerClass | undefined;
  readonly unit: ChartUnit;
}

function ChartLegend({ when, values, unit }: LegendProps): ReactNode {
  return (
    <div className="legend">
      <div className="legend-head">
        <div className="legend-when">{when}</div>
        <div className="legend-total">
          {values === undefined ? '—' : inWords(unit, sumOf(values))} <span className="unit">{unitWord(unit)}</span>
        </div>
      </div>
      {TOKEN_CLASSES.map((name) => (
        <div key={name} className="legend-item">
          <ClassMark name={name} />
          <span className="legend-value">{values === undefined ? '—' : inWords(unit, values[name])}</span>
        </div>
      ))}
    </div>
  );
}

interface BarsProps {
  readonly points: readonly StackPoint[];
  readonly unit: ChartUnit;
  readonly title: string;
  readonly width: number;
  readonly active: number | null;
  readonly setActive: (at: number | null) => void;
}

function Bars({ points, unit, title, width, active, setActive }: BarsProps): ReactNode {
  const group = useRef<SVGGElement>(null);
  const height = width < 480 ? 190 : 240;
  const left = 54;
  const shape = stackBars(points, { width, height, left, bottom: 24 });
  const last = shape.bars.length - 1;
  const move = (event: KeyboardEvent): void => {
    const from = active ?? last;
    const to = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: last }[event.key];
    if (to === undefined || to < 0 || to > last) return;
    event.preventDefault();
    (group.current?.children[to] as SVGElement | undefined)?.focus();
  };
  const words = ({ label, values }: StackPoint): string =>
    `${label}: ${inWords(unit, sumOf(values))} ${unitWord(unit)}; ${TOKEN_CLASSES.map((name) => `${CLASS_WORDS[name]} ${inWords(unit, values[name])}`).join(', ')}`;
  return (
    <svg viewBox={`0 0 ${width} ${height}`} role="group" aria-label={`${title}, by token class`} onPointerLeave={() => setActive(null)}>
      <g aria-hidden="true">
        {shape.ticks.map(({ value, y }) => (
          <g key={value}>
            <line className={value === 0 ? 'grid grid-zero' : 'grid'} x1={left} x2={width} y1={y} y2={y} />
            <text x={left - 10} y={y + 4} textAnchor="end">
              {onAxis(unit, value, shape.ticks[1]?.value ?? 0)}
            </text>
          </g>
        ))}
        {shape.names.map(({ text, x }) => (
          <text key={text} x={Math.min(x, width - 18)} y={height - 5} textAnchor="middle">
            {text}
          </text>
        ))}
      </g>
      <g ref={group} onKeyDown={move}>
        {shape.bars.map((bar, at) => (
          <g key={bar.point.label} className="bar" role="img" aria-label={words(bar.point)} tabIndex={at === (active ?? last) ? 0 : -1} data-active={at === active} data-running={bar.point.running === true} onPointerEnter={() => setActive(at)} onFocus={() => setActive(at)} onBlur={() => setActive(null)}>
            <rect className="reach" x={bar.reachX} y={0} width={bar.reachWidth} height={shape.baseline} rx="4" />
            {bar.segments.map((segment) => (
              <rect key={segment.name} className={`segment class-${segment.name}`} x={bar.x} y={segment.y} width={bar.width} height={segment.height} />
            ))}
          </g>
        ))}
      </g>
    </svg>
  );
}

function useWidth(): [React.RefObject<HTMLDivElement | null>, number] {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const look = new ResizeObserver(() => setWidth(Math.round(element.clientWidth)));
    look.observe(element);
    return () => look.disconnect();
  }, []);
  return [box, width];
}
