/** One SQL statement prepared for 64, 16, 4 and 1 rows: 64 rows in one call cost a third of 64 calls. */
import type { Db, Statement } from '../db/open.ts';

const SIZES = [64, 16, 4, 1] as const;

export class ChunkedStatement {
  readonly #width: number;
  readonly #statements: readonly { readonly rows: number; readonly statement: Statement }[];

  /** `sql` gets one `(?,…,?)` group per row, `width` parameters each. */
  constructor(db: Db, width: number, sql: (groups: string) => string) {
    this.#width = width;
    const group = `(${Array.from({ length: width }, () => '?').join(',')})`;
    this.#statements = SIZES.map((rows) => ({
      rows,
      statement: db.prepare(sql(Array.from({ length: rows }, () => group).join(','))) as Statement,
    }));
  }

  /** `values` holds the parameters of all rows, one row after the other. */
  run(values: unknown[]): void {
    this.#each(values, (statement, chunk) => void statement.run(chunk));
  }

  /** The rows a `RETURNING` gives, as arrays with bigint integers. */
  returning(values: unknown[]): unknown[][] {
    const rows: unknown[][] = [];
    this.#each(values, (statement, chunk) => {
      for (const row of statement.raw().safeIntegers().all(chunk) as unknown[][]) rows.push(row);
    });
    return rows;
  }

  #each(values: unknown[], use: (statement: Statement, chunk: unknown[]) => void): void {
    let from = 0;
    for (const { rows, statement } of this.#statements) {
      const size = rows * this.#width;
      while (values.length - from >= size) {
        use(statement, from === 0 && values.length === size ? values : values.slice(from, from + size));
        from += size;
      }
    }
    if (from !== values.length) throw new Error(`${values.length} values are no whole number of rows of ${this.#width}`);
  }
}
