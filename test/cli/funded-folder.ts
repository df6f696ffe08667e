/** A gateway folder in which requests can be settled: the buyer acme with a key and money, and the route `fast`. */
import { openDatabase, type Db } from '../../src/db/open.ts';
import { openCliFolder, type CliFolder } from './cli-run.ts';

export interface FundedFolder extends CliFolder {
  /** Its database, to write to beside the commands; `remove` closes it. */
  readonly db: Db;
}

/** USDC, 10 by default; the multiplier 1 by default; a key without a label by default. */
export async function openFundedFolder(options: { readonly topUp?: string; readonly multiplier?: string; readonly keyLabel?: string } = {}): Promise<FundedFolder> {
  const { topUp = '10', multiplier = '1', keyLabel } = options;
  const cli = openCliFolder();
  const key = `key create acme${keyLabel === undefined ? '' : ` --label ${keyLabel}`}`;
  for (const line of ['buyer create acme', key, `topup acme ${topUp}`, `route create fast --upstream anthropic --multiplier ${multiplier}`]) {
    const { code, err } = await cli.run(line.split(' '));
    if (code !== 0) throw new Error(`${line}: ${err}`);
  }
  const db = openDatabase(cli.database, { mode: 'write' });
  const remove = (): void => {
    db.close();
    cli.remove();
  };
  return { ...cli, db, remove };
}
