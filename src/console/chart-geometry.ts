/** Where the bars of a stacked chart stand. Pure: the same points and size give the same shapes. */
import { scaleBand, scaleLinear } from 'd3-scale';
import { stack } from 'd3-shape';
import { TOKEN_CLASSES, type TokenClass } from '../tokens.ts';
import { sumOf, type PerClass } from './classes.ts';

export interface StackPoint {
  /** Unique, and read aloud: a day or an hour. */
  readonly label: string;
  /** Shorter, for the axis. */
  readonly short: string;
  readonly values: PerClass;
  /** Not over yet. */
  readonly running?: boolean;
}

export interface Segment {
  readonly name: TokenClass;
  readonly y: number;
  readonly height: number;
}
export interface Bar {
  readonly point: StackPoint;
  readonly total: number;
  readonly x: number;
  readonly width: number;
  /** The band of the axis that the bar stands in: what the pointer aims at. */
  readonly reachX: number;
  readonly reachWidth: number;
  readonly segments: readonly Segment[];
}
export interface ChartShape {
  readonly bars: readonly Bar[];
  readonly ticks: readonly { readonly value: number; readonly y: number }[];
  readonly names: readonly { readonly text: string; readonly x: number }[];
  readonly baseline: number;
}
export interface ChartBox {
  readonly width: number;
  readonly height: number;
  /** Room for the values at the left, and for the names below. */
  readonly left: number;
  readonly bottom: number;
}

const TOP = 8;
const NAME_WIDTH = 58;

export function stackBars(points: readonly StackPoint[], { width, height, left, bottom }: ChartBox): ChartShape {
  const baseline = height - bottom;
  const most = Math.max(0, ...points.map((point) => sumOf(point.values)));
  // An empty chart keeps its axis: a cent in micro-USDC, or a few tokens.
  const y = scaleLinear([0, most === 0 ? 10_000 : most], [baseline, TOP]).nice(4);
  const x = scaleBand(points.map((_, at) => at), [left, width]).paddingInner(0.28).paddingOuter(0.14);
  const layers = stack<unknown, StackPoint, TokenClass>()
    .keys(TOKEN_CLASSES)
    .value((point, name) => point.values[name])([...points]);
  const bars = points.map((point, at): Bar => {
    const start = x(at) ?? left;
    const gap = x.step() - x.bandwidth();
    const barWidth = Math.min(x.bandwidth(), 56);
    const segments = layers.map((layer): Segment => {
      const [from = 0, to = 0] = layer[at] ?? [];
      return { name: layer.key, y: y(to), height: y(from) - y(to) };
    });
    return { point, total: sumOf(point.values), x: start + (x.bandwidth() - barWidth) / 2, width: barWidth, reachX: start - gap / 2, reachWidth: x.step(), segments: segments.filter((segment) => segment.height > 0) };
  });
  const every = Math.max(1, Math.ceil((points.length * NAME_WIDTH) / Math.max(1, width - left)));
  // Counted from the newest, so that the last bar always has its name.
  const names = bars.flatMap((bar, at) => ((bars.length - 1 - at) % every === 0 ? [{ text: bar.point.short, x: bar.x + bar.width / 2 }] : []));
  return { bars, ticks: y.ticks(4).map((value) => ({ value, y: y(value) })), names, baseline };
}
