import type { ReactNode } from 'react';
import type { Books } from '../../../api/schemas/admin.ts';
import { Facts, Usdc } from '../../parts/figures.tsx';
import { ErrorNote } from '../../parts/notices.tsx';
import { Panel } from '../../parts/page.tsx';
import { useItem } from '../../queries.ts';

/** What the accounts stand at: what came in is what buyers have, what was earned, and what was not covered. */
export function BooksPanel(): ReactNode {
  const books = useItem<Books>('/admin/books', {}, { every: 10_000 });
  const figure = (micros: number | undefined): ReactNode => <Usdc micros={micros} digits={6} />;
  return (
    <Panel title="Books">
      <ErrorNote error={books.error} retry={books.retry} />
      <Facts
        facts={[
          ['Funding', figure(books.data?.fundingUsdMicros)],
          ['Buyers’ balances', figure(books.data?.balancesUsdMicros)],
          ['Held of these', figure(books.data?.heldUsdMicros)],
          ['Revenue', figure(books.data?.revenueUsdMicros)],
          ['Shortfall', figure(books.data?.shortfallUsdMicros)],
        ]}
      />
      <p className="muted">Funding + shortfall = revenue + balances, always.</p>
    </Panel>
  );
}
