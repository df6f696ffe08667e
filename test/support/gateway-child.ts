/** A gateway in a process of its own, on a database that the test made: prints its port, lives until it is killed. */
import { openGateway } from '../../src/gateway.ts';
import { createLog } from '../../src/log.ts';
import { testConfig } from './test-config.ts';

const [database, origin] = process.argv.slice(2) as [string, string];
const gateway = await openGateway(testConfig({ database, origin }), { log: createLog({ level: 'warn', format: 'json' }) });
process.stdout.write(`${gateway.address.port}\n`);
process.once('SIGTERM', () => void gateway.drain().then(() => process.exit(0)));
