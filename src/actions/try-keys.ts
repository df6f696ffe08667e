/**
 * Keys that the console makes for one request of its "try it" box and revokes after it. They are never listed or
 * rotated and leave no trace in the audit log: the requests that they made are on record like all others.
 */
export { createTryKey, endAllTryKeys, endTryKey } from '../registry/try-keys.ts';
