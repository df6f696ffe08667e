import * as http from 'node:http';
import * as https from 'node:https';
import * as net from 'node:net';
import type { Config } from '../config.ts';
import type { Patient } from './examine.ts';
import { ok, problem, warning, type Finding } from './finding.ts';

type Address = Config['listen'];
const ANSWER_MS = 2_000;
const CHECK = 'listen';

/** Each address that the gateway listens on: free, or taken by the gateway itself. */
export async function checkPorts({ config, serving }: Patient): Promise<Finding[]> {
  const own = config.console.enabled ? config.console.listen : null;
  const found = [await checkPort(config.listen, config, serving), ...(own === null ? [] : [await checkPort(own, config, serving)])];
  const who = serving === 0 ? ok('serving', 'no process serves this database') : ok('serving', `${serving} ${serving === 1 ? 'process serves' : 'processes serve'} this database`);
  return [who, ...found];
}

async function checkPort(address: Address, config: Config, serving: number): Promise<Finding> {
  const place = `${address.host} port ${address.port}`;
  if (address.port === 0) return ok(CHECK, `${address.host} takes a free port at each start`);
  const code = await tryToListen(address);
  switch (code) {
    case null:
      return ok(CHECK, serving === 0 ? `${place} is free` : `${place} is free: what serves listens elsewhere`);
    case 'EADDRINUSE': {
      const gateway = await isGateway(address, config.tls !== null);
      if (gateway && serving > 0) return ok(CHECK, `${place} is taken by the gateway that serves`);
      if (gateway) return warning(CHECK, `${place} is taken by a gateway that serves another database`, 'ainogap serve --port 0');
      return problem(CHECK, `${place} is taken by another program${serving > 0 ? ', or the gateway does not answer' : ''}`, `ss -ltnp 'sport = :${address.port}'`);
    }
    case 'EACCES':
      return problem(CHECK, `this user may not listen on port ${address.port}`, 'AmbientCapabilities=CAP_NET_BIND_SERVICE in the service\'s unit, or listen above 1023');
    case 'EADDRNOTAVAIL':
      return problem(CHECK, `${address.host} is no address of this machine`, 'edit listen: in the configuration');
    default:
      return problem(CHECK, `${place} cannot be listened on (${code})`, 'edit listen: in the configuration');
  }
}

/** Null: it worked. */
function tryToListen({ host, port }: Address): Promise<string | null> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => void server.close(() => resolve(null)));
  });
}

function isGateway({ host, port }: Address, encrypted: boolean): Promise<boolean> {
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return new Promise((resolve) => {
    // Nothing secret is sent, and whether its certificate is right is asked elsewhere.
    const options = { host: reached, port, path: '/healthz', timeout: ANSWER_MS, headers: { host: 'localhost' }, agent: false };
    const answered = (response: http.IncomingMessage): void => {
      response.resume();
      resolve(response.statusCode === 200 && response.headers['x-ainogap-request-id'] !== undefined);
    };
    const request = encrypted ? https.get({ ...options, rejectUnauthorized: false }, answered) : http.get(options, answered);
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}
