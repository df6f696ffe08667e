/** What Node's parser refuses never becomes a request: the answer is written to the bare socket. */
import * as http from 'node:http';
import type { Socket } from 'node:net';
import { errorBody, ERRORS, GatewayError, type ErrorCode } from '../errors.ts';
import { errorHeaders } from './respond.ts';

const REASONS: Readonly<Record<string, [ErrorCode, string]>> = {
  HPE_HEADER_OVERFLOW: ['headers_too_large', 'The request headers are above the limit of 32 KiB.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['body_timeout', 'The request did not arrive in time.'],
};

export function answerClientError(error: NodeJS.ErrnoException, socket: Socket, publicId: string): void {
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) return void socket.destroy();
  const [code, message] = REASONS[error.code ?? ''] ?? ['malformed_http', 'This is not a well-formed HTTP/1.1 request.'];
  const body = Buffer.from(errorBody(new GatewayError(code, message), publicId));
  const { status } = ERRORS[code];
  const headers = { connection: 'close', ...errorHeaders(code, publicId), 'content-length': body.length };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${http.STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body.toString('utf8')}`);
}

/**
 * Whether a whole request before still waits for its answer, or has begun to get it: the client would take ours for it.
 * Node keeps the response that a connection waits for under this name only.
 */
function isAnswering(socket: Socket): boolean {
  const { _httpMessage: response } = socket as Socket & { _httpMessage?: http.ServerResponse | null };
  return response ? response.headersSent || response.req.complete : false;
}
