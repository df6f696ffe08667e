/** The guide of this gateway: its pages filled in, rendered and searchable, made anew when a route or the plan changes. */
import type { ApiPlan } from '../api/api-plan.ts';
import type { Db } from '../db/open.ts';
import { fillIn, forPrograms } from './fill-in.ts';
import { guideFacts, registryGeneration, type GuideFacts } from './guide-facts.ts';
import { readGuide, type GuidePage } from './guide-page.ts';
import { renderMarkdown, type RenderedPage } from './render-markdown.ts';
import type { SearchEntry } from './search.ts';

export interface ReadyPage extends RenderedPage {
  readonly page: GuidePage;
  /** As programs read it. */
  readonly forPrograms: string;
}

export interface Guide {
  readonly facts: GuideFacts;
  readonly pages: readonly ReadyPage[];
  readonly search: readonly SearchEntry[];
}

export function makeGuide(pages: readonly GuidePage[], facts: GuideFacts): Guide {
  const ready = pages.map((page) => {
    const markdown = fillIn(page.markdown, facts);
    return { page, forPrograms: forPrograms(markdown), ...renderMarkdown(markdown) };
  });
  const search = ready.flatMap(({ page, sections }) =>
    sections.map(({ heading, text }) => ({
      path: heading === null ? page.path : `${page.path}#${heading.id}`,
      page: page.title,
      heading: heading?.text ?? '',
      text,
    })),
  );
  return { facts, pages: ready, search };
}

/** Remembers the guide until what it was made from changes. `plan` is compared by identity: a reload makes a new one. */
export function rememberGuide(db: Db): (plan: ApiPlan) => Guide {
  let pages: readonly GuidePage[] | null = null;
  let made: { readonly plan: ApiPlan; readonly generation: number; readonly guide: Guide } | null = null;
  return (plan) => {
    const generation = registryGeneration(db);
    if (made !== null && made.plan === plan && made.generation === generation) return made.guide;
    pages ??= readGuide();
    const guide = makeGuide(pages, guideFacts(db, plan));
    made = { plan, generation, guide };
    return guide;
  };
}
