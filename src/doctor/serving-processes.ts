import * as fs from 'node:fs';
import { livingInstances } from '../db/living-instances.ts';

/** How many processes serve the database; 0 where it is not there, or its folder cannot be read. */
export function servingProcesses(database: string): number {
  try {
    return livingInstances(fs.realpathSync(database)).length;
  } catch {
    return 0;
  }
}
