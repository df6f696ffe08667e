/** One paragraph of a request's story. */
export interface StoryStep {
  /** One word, e.g. `quote`: what a list puts before the text. */
  readonly topic: string;
  /** Sentences without line breaks. May quote what clients and upstreams chose. */
  readonly text: string;
  /** Aligned lines below the text: a calculation, or one line for each of several things. */
  readonly rows?: readonly string[];
}

/** The steps that there are: a part of a story answers null where it has nothing to tell. */
export function told(steps: readonly (StoryStep | null)[]): StoryStep[] {
  return steps.filter((step) => step !== null);
}
