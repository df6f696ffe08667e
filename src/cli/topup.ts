/** `ainogap topup`: money onto a buyer's balance, or an adjustment of it. */
import type { Command } from 'commander';
import { deposit as makeDeposit } from '../actions/deposit.ts';
import { depositJson, depositRefusalWords } from '../documents/deposit-json.ts';
import type { RefusedDeposit, WantedDeposit } from '../documents/deposit-json.ts';
import type { Deposit, DepositOutcome } from '../ledger/ledger.ts';
import { formatUsdc, parseUsdc } from '../money.ts';
import type { MicroUsdc } from '../money.ts';
import { parseVisibleText } from '../registry/visible-text.ts';
import { addCommand, globalOptions } from './add-command.ts';
import { cliActor } from './cli-actor.ts';
import { CliError, usageError } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { requireBuyer } from './find-buyer.ts';
import { readConfig, withDatabase } from './open-store.ts';
import { printJson } from './print-json.ts';
import { shellWord } from './shell-word.ts';

interface TopupOptions {
  readonly reference?: string;
  readonly adjust?: boolean;
  readonly reason?: string;
}

export function registerTopup(program: Command, ctx: CliContext): void {
  addCommand(program, {
    usage: 'topup <buyer> <amount>',
    description: "add USDC to a buyer's balance; an amount has up to six decimals",
    example: 'ainogap topup acme 100 --reference tx_0x91\nainogap topup acme -2.50 --adjust --reason "credited twice on 3 May"',
  })
    .option('--reference <text>', 'applies once: a reference seen before changes nothing')
    .option('--adjust', 'correct the balance; needed for a negative amount')
    .option('--reason <text>', 'why, for an adjustment')
    .action(async (name: string, amountText: string, options: TopupOptions, command: Command) => {
      const global = globalOptions(command);
      const request = parseTopup(amountText, options);
      await withDatabase(readConfig(ctx, global).database, 'write', (db) => {
        const buyer = requireBuyer(db, name);
        const deposit: Deposit = { buyerId: buyer.id, ...request };
        const outcome = makeDeposit(db, cliActor(), deposit, ctx.now());
        report(ctx, { buyer, deposit, outcome, json: global.json });
      });
    });
}

const TEXT_LENGTH_MAX = 200;

function parseText(option: string, text: string | undefined): string | null {
  if (text === undefined) return null;
  const parsed = parseVisibleText(text, TEXT_LENGTH_MAX);
  if (!parsed.ok) throw usageError(`${option}: ${parsed.reason}.`);
  return parsed.text;
}

function parseTopup(amountText: string, options: TopupOptions): Omit<Deposit, 'buyerId'> {
  const parsed = parseUsdc(amountText);
  if (!parsed.ok) throw usageError(`topup amount ${parsed.reason}.`);
  const reference = parseText('--reference', options.reference);
  const reason = parseText('--reason', options.reason);
  if (parsed.amount === 0n) throw usageError('topup amount is 0: there is nothing to do.');
  if (options.adjust !== true) {
    if (parsed.amount < 0n)
      throw usageError(`topup amount "${amountText}" is negative; taking money back needs --adjust and --reason TEXT.`);
    if (reason !== null) throw usageError('--reason belongs to --adjust; a top-up has a --reference.');
    return { amount: parsed.amount, kind: 'deposit', reference, reason: null };
  }
  if (reason === null) throw usageError('an adjustment needs --reason TEXT, for the books.');
  return { amount: parsed.amount, kind: 'adjust', reference, reason };
}

interface Topup extends WantedDeposit {
  readonly outcome: DepositOutcome;
  readonly json: boolean;
}

/** What a top-up did, in one line. */
export function topupLine({ buyer, deposit }: WantedDeposit, outcome: Extract<DepositOutcome, { kind: 'created' }>): string {
  return (
    `${buyer.name}  ${signed(deposit.amount)} USDC  balance ${formatUsdc(outcome.before.balance, 2)} → ` +
    `${formatUsdc(outcome.balance.balance, 2)}  ledger #${outcome.transferId}`
  );
}

function report(ctx: CliContext, topup: Topup): void {
  const { buyer, deposit, outcome } = topup;
  switch (outcome.kind) {
    case 'created':
      if (topup.json) return printJson(ctx, depositJson(topup, { ...outcome, applied: true }));
      ctx.stdout.write(`${topupLine(topup, outcome)}\n`);
      if (buyer.disabledAt !== null) ctx.stderr.write(`! Buyer ${buyer.name} is disabled: its keys are refused.\n`);
      return;
    case 'exists':
      if (topup.json) return printJson(ctx, depositJson(topup, { ...outcome, applied: false, before: outcome.balance }));
      ctx.stdout.write(`${buyer.name}  +0.000000 USDC  balance ${formatUsdc(outcome.balance.balance, 2)}  ledger #${outcome.transferId}\n`);
      ctx.stderr.write(`Reference "${deposit.reference ?? ''}" was applied before: nothing was changed.\n`);
      return;
    default:
      throw topupRefusal(topup, outcome);
  }
}

/** Why a top-up was refused. */
export function topupRefusal(wanted: WantedDeposit, outcome: RefusedDeposit): CliError {
  const next = outcome.kind === 'insufficientFunds' ? `ainogap balance ${shellWord(wanted.buyer.name)}` : outcome.kind === 'noBuyer' ? 'ainogap verify' : null;
  return new CliError(depositRefusalWords(wanted, outcome), next === null ? {} : { next });
}

const signed = (amount: MicroUsdc): string => `${amount < 0n ? '' : '+'}${formatUsdc(amount, 6)}`;
