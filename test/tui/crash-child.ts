/** A view in which something breaks a moment after its first frame: `node crash-child.ts`. */
import { initialState } from '../../src/tui/initial-state.ts';
import { openTui } from '../../src/tui/open-tui.ts';
import { createStyle } from '../../src/tui/style.ts';
import { createFakeOperator } from './fake-operator.ts';

const operator = createFakeOperator();
setTimeout(() => {
  throw new Error('broken within');
}, 1_000);
await openTui({
  operator,
  stdin: process.stdin,
  stdout: process.stdout,
  initial: initialState({ view: 'overview', intervalMs: 500 }),
  style: createStyle({ colourLevel: 1, unicode: true }),
});
