/** One bounded GET of a health endpoint. */
import * as http from 'node:http';

export type Asked = { readonly healthy: true } | { readonly healthy: false; /** What follows the URL in a sentence. */ readonly reason: string };

/** From the call to the verdict, name resolution included. */
export const HEALTH_WITHIN_MS = 3_000;
const BODY_BYTES_MAX = 4_096;

/** `verified`: of https, the certificate must be valid for the name. Never rejects. */
export async function askHealth(url: string, { verified }: { readonly verified: boolean }): Promise<Asked> {
  // Loaded only when needed: TLS takes a third of the time that this command may cost.
  const { get } = url.startsWith('https:') ? await import('node:https') : http;
  return await new Promise((resolve) => {
    const request = get(url, { agent: false, rejectUnauthorized: verified, headers: { 'user-agent': 'ainogap-health' } });
    const timer = setTimeout(() => {
      resolve({ healthy: false, reason: `did not answer within ${HEALTH_WITHIN_MS / 1000} s` });
      request.destroy();
      // A name that is still being resolved cannot be called off, and would keep the process for as long as that takes.
      if (request.socket === null || request.socket.connecting) setTimeout(() => process.exit(), 50).unref();
    }, HEALTH_WITHIN_MS);
    const settle = (asked: Asked): void => {
      clearTimeout(timer);
      resolve(asked);
      request.destroy();
    };
    request.once('error', (error: NodeJS.ErrnoException) => settle({ healthy: false, reason: `cannot be asked: ${inWords(error)}` }));
    request.once('response', (response) => readBody(response, (body) => settle(verdict(response.statusCode ?? 0, body))));
  });
}

function readBody(response: http.IncomingMessage, done: (body: string) => void): void {
  let body = '';
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    body += chunk;
    if (body.length > BODY_BYTES_MAX) done('');
  });
  response.once('end', () => done(body));
}

/** Any program may answer 200 there: only ours says `ok` or `ready`. */
function verdict(status: number, body: string): Asked {
  const said = statusIn(body);
  if (status === 200 && (said === 'ok' || said === 'ready')) return { healthy: true };
  if (status === 200) return { healthy: false, reason: 'answered, but not as a gateway of ainogap does: is another program there?' };
  return { healthy: false, reason: `answered ${status}${said === null ? '' : `: ${said.slice(0, 200)}`}` };
}

/** `{"status":"…"}`, or the message of an error in the Messages API's shape. */
function statusIn(body: string): string | null {
  try {
    const { status, error } = JSON.parse(body) as { status?: unknown; error?: { message?: unknown } };
    const said = status ?? error?.message;
    return typeof said === 'string' ? said.replace(/\.$/, '') : null;
  } catch {
    return null;
  }
}

function inWords({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'ECONNREFUSED':
      return 'nothing listens there';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'its name cannot be resolved';
    case 'ECONNRESET':
      return 'the connection was reset';
    case 'EPROTO':
    case 'HPE_INVALID_CONSTANT':
      return 'what listens there speaks another protocol (http or https?)';
    default:
      return code === undefined ? message : `${message} (${code})`;
  }
}
