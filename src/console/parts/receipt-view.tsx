/** What one request was charged, as its multiplication. The same for buyers and operators. */
import type { ReactNode } from 'react';
import type { Receipt, RequestDetail } from '../../api/schemas/usage.ts';
import { percent, perMillion, usdc } from '../format.ts';
import { receiptLines, type ReceiptLines, type ReceiptPartLines } from '../receipt-lines.ts';
import { ClassMark } from './class-marks.tsx';
import { Tokens, Usdc } from './figures.tsx';
import { Empty } from './notices.tsx';
import { Panel } from './page.tsx';
import { Scroller } from './scroller.tsx';

export function ReceiptView({ detail }: { readonly detail: RequestDetail }): ReactNode {
  const { receipt } = detail;
  return (
    <Panel flush title="Counts × prices = charge" note={receipt === null ? undefined : `price card ${receipt.priceCard}`}>
      {receipt === null ? <Empty title={detail.running ? 'The request is still running. The charge stands when it settles.' : 'Nothing was charged: no price applied to this request.'} /> : <Multiplication receipt={receipt} />}
    </Panel>
  );
}

function Multiplication({ receipt }: { readonly receipt: Receipt }): ReactNode {
  const lines = receiptLines(receipt);
  return (
    <>
      <Scroller label="Charge by token class">
        <table className="table receipt">
          <caption className="visually-hidden">Charge by token class</caption>
          <thead>
            <tr>
              <th scope="col">Class</th>
              <th scope="col" className="numeric">Tokens</th>
              <th scope="col" className="numeric">× USDC per million</th>
              <th scope="col" className="numeric">= USDC</th>
            </tr>
          </thead>
          {lines.parts.map((part, at) => (
            <PartRows key={`${part.model}-${at}`} part={part} named={lines.parts.length > 1} />
          ))}
          <SumRows receipt={receipt} lines={lines} />
        </table>
      </Scroller>
      <div className="receipt-words">
        <Rounding receipt={receipt} lines={lines} />
        <ByClass receipt={receipt} />
      </div>
    </>
  );
}

const factorWords = (factors: readonly string[]): string => factors.map((factor) => ` × ${factor}`).join('');

function PartRows({ part, named }: { readonly part: ReceiptPartLines; readonly named: boolean }): ReactNode {
  return (
    <tbody>
      {(named || part.model !== part.pricedAs) && (
        <tr>
          <th scope="rowgroup" colSpan={4}>
            {part.model}
            {part.model !== part.pricedAs && <span className="muted"> priced as {part.pricedAs}</span>}
          </th>
        </tr>
      )}
      {part.lines.map((line) => (
        <tr key={line.name}>
          <th scope="row"><ClassMark name={line.name} /></th>
          <td className="numeric"><Tokens count={line.tokens} /></td>
          <td className="numeric">
            {perMillion(line.perMillionUsdMicros)}
            {factorWords(part.factors)}
          </td>
          <td className="numeric">{line.product}</td>
        </tr>
      ))}
    </tbody>
  );
}

function SumRows({ receipt, lines }: { readonly receipt: Receipt; readonly lines: ReceiptLines }): ReactNode {
  const { webSearch } = lines;
  return (
    <tfoot>
      {webSearch !== null && (
        <tr className="plain-row">
          <th scope="row">web searches</th>
          <td className="numeric"><Tokens count={webSearch.count} /></td>
          <td className="numeric">{perMillion(webSearch.perMillionUsdMicros)}{factorWords(webSearch.factors)}</td>
          <td className="numeric">{webSearch.product}</td>
        </tr>
      )}
      <tr className="plain-row">
        <th scope="row" colSpan={3}>Sum</th>
        <td className="numeric">{lines.sum}</td>
      </tr>
      <tr className="receipt-sum">
        <th scope="row" colSpan={3}>Charge</th>
        <td className="numeric"><Usdc micros={receipt.chargeUsdMicros} digits={6} /></td>
      </tr>
    </tfoot>
  );
}

/** Why the charge is not the sum to the last digit. */
function Rounding({ receipt, lines }: { readonly receipt: Receipt; readonly lines: ReceiptLines }): ReactNode {
  const geo = receipt.parts.some((part) => part.geoFactor === '1.1');
  return (
    <ul className="notes">
      <li>Prices are per million tokens. The sum is rounded up once, to a whole micro-USDC ({usdc(lines.roundedUsdMicros, 6)}).</li>
      {receipt.cappedAtUsdMicros !== null && (
        <li>
          This usage is an estimate, and an estimate is charged at most the worst case that was quoted: capped at {usdc(receipt.cappedAtUsdMicros, 6)} USDC.
        </li>
      )}
      {geo && <li>× 1.1: answered by US-only inference, which costs a tenth more for this model. Token classes only.</li>}
      {receipt.tierFactor === '0.5' && <li>× 0.5: billed at the batch rate.</li>}
      {receipt.cacheSavedUsdMicros !== undefined && receipt.cacheSavedUsdMicros !== 0 && (
        <li>{receipt.cacheSavedUsdMicros > 0 ? `Caching saved ${usdc(receipt.cacheSavedUsdMicros, 6)} USDC against the price of input.` : `Writing caches cost ${usdc(-receipt.cacheSavedUsdMicros, 6)} USDC more than plain input; reads of them pay it back.`}</li>
      )}
    </ul>
  );
}

const SHARE_WIDTH = 100;

/** The charge as it is entered in the books, class by class. */
function ByClass({ receipt }: { readonly receipt: Receipt }): ReactNode {
  const total = receipt.chargeUsdMicros;
  if (total === 0) return null;
  const entries = (Object.entries(receipt.chargeByClassUsdMicros) as [keyof Receipt['chargeByClassUsdMicros'], number][]).filter(([, micros]) => micros > 0);
  let from = 0;
  return (
    <div className="by-class">
      <svg className="share-bar" viewBox={`0 0 ${SHARE_WIDTH} 4`} preserveAspectRatio="none" aria-hidden="true">
        <rect className="rest" width={SHARE_WIDTH} height="4" />
        {entries.map(([name, micros]) => {
          const width = (micros / total) * SHARE_WIDTH;
          const x = from;
          from += width;
          return <rect key={name} className={`class-${name}`} x={x} width={width} height="4" />;
        })}
      </svg>
      <ul className="legend-plain" aria-label="Charge by class">
        {entries.map(([name, micros]) => (
          <li key={name}>
            <ClassMark name={name} /> <span className="number">{usdc(micros, 6)}</span> <span className="muted">{percent(micros / total)}</span>
          </li>
        ))}
        {receipt.webSearchChargeUsdMicros > 0 && <li>web searches <span className="number">{usdc(receipt.webSearchChargeUsdMicros, 6)}</span></li>}
      </ul>
    </div>
  );
}
