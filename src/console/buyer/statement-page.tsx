import type { ReactNode } from 'react';
import type { Statement } from '../../api/schemas/usage.ts';
import { CLASS_WORDS, TOKEN_CLASSES } from '../../tokens.ts';
import { chargesOf, tokensOf } from '../classes.ts';
import { timeUtc } from '../format.ts';
import { Button } from '../parts/button.tsx';
import { DataTable, type Column } from '../parts/data-table.tsx';
import { Figure, Figures, Time, Tokens, Usdc } from '../parts/figures.tsx';
import { Empty, ErrorNote } from '../parts/notices.tsx';
import { Page, Panel } from '../parts/page.tsx';
import { useItem } from '../queries.ts';
import { monthName, StatementFiles } from './statements-page.tsx';

export function StatementPage({ month }: { readonly month: string }): ReactNode {
  const { data, error, retry } = useItem<Statement>(`/buyer/statements/${encodeURIComponent(month)}`);
  const statement = data?.month === month ? data : undefined;
  const lead = statement === undefined ? '—' : `${statement.buyer} (${statement.buyerId}), days in ${statement.timezone}${statement.running ? `, as of ${timeUtc(statement.asOf)}` : ''}.`;
  return (
    <Page
      title={/^\d{4}-(0[1-9]|1[0-2])$/.test(month) ? `Statement, ${monthName(month)}` : 'Statement'}
      lead={lead}
      back={{ href: '/statements', label: 'Statements' }}
      actions={
        <>
          <StatementFiles month={month} />
          <Button onClick={() => window.print()}>Print</Button>
        </>
      }
    >
      <ErrorNote error={error} retry={retry} />
      {error !== null && statement === undefined ? null : <StatementBody statement={statement} />}
    </Page>
  );
}

function StatementBody({ statement }: { readonly statement: Statement | undefined }): ReactNode {
  return (
    <>
      <BalanceSums statement={statement} />
      <Panel flush title="Top-ups and adjustments">
        <DataTable
          caption="Top-ups and adjustments"
          rows={statement?.fundings}
          rowKey={(row) => row.transferId}
          columns={[
            { id: 'at', header: 'When', cell: (row) => <Time at={row.at} /> },
            { id: 'kind', header: 'What', cell: (row) => (row.kind === 'topup' ? 'top-up' : 'adjustment') },
            { id: 'note', header: 'Reference or reason', cell: (row) => row.reason ?? row.reference ?? '—' },
            { id: 'amount', header: 'Amount, USDC', numeric: true, cell: (row) => <Usdc micros={row.amountUsdMicros} digits={6} unit={false} /> },
          ]}
          empty={<Empty title="None in this month." />}
        />
      </Panel>
      <Panel flush title="Usage by day">
        <DataTable caption="Usage by day" rows={statement?.days} rowKey={(row) => row.day} columns={dayColumns(statement)} totals empty={<Empty title="No usage in this month." />} />
      </Panel>
    </>
  );
}

function BalanceSums({ statement }: { readonly statement: Statement | undefined }): ReactNode {
  return (
    <Panel title="Balance" note="USDC">
      <Figures>
        <Figure label="Opening" value={<Usdc micros={statement?.openingUsdMicros} unit={false} />} />
        <Figure label="Top-ups" value={<Sum sign="+" micros={statement?.topUpsUsdMicros} />} />
        <Figure label="Adjustments" value={<Sum sign={(statement?.adjustmentsUsdMicros ?? 0) < 0 ? '−' : '+'} micros={statement === undefined ? undefined : Math.abs(statement.adjustmentsUsdMicros)} />} />
        <Figure label="Charges debited" value={<Sum sign="−" micros={statement?.debitedUsdMicros} />} note={statement !== undefined && statement.shortfallUsdMicros > 0 ? <><Usdc micros={statement.shortfallUsdMicros} digits={6} /> charged beyond the balance was not debited</> : undefined} />
        <Figure label={statement?.running === true ? 'So far' : 'Closing'} value={<Sum sign="=" micros={statement?.closingUsdMicros} />} />
      </Figures>
    </Panel>
  );
}

function Sum({ sign, micros }: { readonly sign: '+' | '−' | '='; readonly micros: number | undefined }): ReactNode {
  return (
    <span className="nowrap">
      <span className="muted">{sign}</span> <Usdc micros={micros} unit={false} />
    </span>
  );
}

type Day = Statement['days'][number];

function dayColumns(statement: Statement | undefined): Column<Day>[] {
  const total = statement?.total;
  return [
    { id: 'day', header: 'Day', cell: (row) => <span className="nowrap">{row.day}</span> },
    { id: 'requests', header: 'Requests', numeric: true, cell: (row) => <Tokens count={row.requests} />, total: <Tokens count={total?.requests} /> },
    ...TOKEN_CLASSES.map(
      (name): Column<Day> => ({
        id: name,
        header: CLASS_WORDS[name],
        numeric: true,
        cell: (row) => <span className="stacked"><Tokens count={tokensOf(row)[name]} /><small><Usdc micros={chargesOf(row)[name]} digits={6} unit={false} /></small></span>,
        total: total === undefined ? undefined : <span className="stacked"><Tokens count={tokensOf(total)[name]} /><small><Usdc micros={chargesOf(total)[name]} digits={6} unit={false} /></small></span>,
      }),
    ),
    { id: 'charge', header: 'Charge, USDC', numeric: true, cell: (row) => <Usdc micros={row.chargeUsdMicros} digits={6} unit={false} />, total: <Usdc micros={total?.chargeUsdMicros} digits={6} unit={false} /> },
  ];
}
