/**
 * A real `serve` process with its console: a funded buyer and a route on the simulator as `startProduct` makes them, and
 * a buyer and an admin who followed their invitations, set passwords and signed in, all by HTTP.
 */
import { SESSION_COOKIES } from '../../src/api/session-cookie.ts';
import { BUYER, startProduct, type Product, type ProductOptions } from './product.ts';

export interface SignedInOverHttp {
  readonly name: string;
  readonly password: string;
  /** For `Authorization: Bearer`. */
  readonly token: string;
  /** The value of a `cookie` header, of another session. */
  readonly cookie: string;
}

export interface ConsoleCall {
  /** A Bearer token; or a cookie, which is sent with the origin that pages send. */
  readonly token?: string;
  readonly cookie?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface ConsoleGateway {
  readonly product: Product;
  /** Where the console is; `product.origin` is the data plane's. */
  readonly origin: string;
  readonly buyer: SignedInOverHttp;
  readonly admin: SignedInOverHttp;
  readonly adminToken: string;
  /** A request to the console's listener. */
  call(method: string, path: string, options?: ConsoleCall): Promise<Response>;
  /** The same; throws, with the answer, unless it is a success. */
  json<T>(method: string, path: string, options?: ConsoleCall): Promise<T>;
  /** Signs in once more. */
  signIn(kind: 'buyer' | 'admin', name: string, password: string): Promise<SignedInOverHttp>;
  /** One request of the buyer's to the model. */
  spend(prompt?: string): Promise<Response>;
  stop(): Promise<void>;
}

export const ADMIN = 'eva';
export const PASSWORDS = { buyer: 'glacier tundra 4711 violin', admin: 'harbour lantern 1138 cello' } as const;

export async function startConsole(options: ProductOptions = {}): Promise<ConsoleGateway> {
  const product = await startProduct(options);
  try {
    await product.server.printed(/^docs /m);
    return await signedUp(product);
  } catch (error) {
    await product.stop();
    throw error;
  }
}

async function signedUp(product: Product): Promise<ConsoleGateway> {
  const origin = /^console\s+(https?:\/\/\S+)\/console$/m.exec(product.server.stdout())?.[1] ?? product.origin;
  const call = (method: string, path: string, { token, cookie, body, headers, signal }: ConsoleCall = {}): Promise<Response> =>
    fetch(`${origin}${path}`, {
      method,
      redirect: 'manual',
      body: body === undefined ? null : JSON.stringify(body),
      ...(signal ? { signal } : {}),
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(cookie === undefined ? {} : { cookie, origin }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
    });
  const json = async <T>(...request: Parameters<typeof call>): Promise<T> => {
    const response = await call(...request);
    const text = await response.text();
    if (!response.ok) throw new Error(`${request[0]} ${request[1]} → ${response.status}: ${text}`);
    return JSON.parse(text) as T;
  };
  const signIn = async (kind: 'buyer' | 'admin', name: string, password: string): Promise<SignedInOverHttp> => {
    const { item } = await json<{ item: { sessionToken: string } }>('POST', `/${kind}/login`, { body: { name, password, transport: 'token' } });
    const response = await call('POST', `/${kind}/login`, { body: { name, password, transport: 'cookie' }, headers: { origin } });
    const cookie = response.headers.getSetCookie().find((line) => line.startsWith(`${SESSION_COOKIES[kind]}=`))?.split(';')[0];
    if (cookie === undefined) throw new Error(`/${kind}/login set no cookie: ${response.status} ${await response.text()}`);
    return { name, password, token: item.sessionToken, cookie };
  };
  const accept = async (kind: 'buyer' | 'admin', name: string): Promise<SignedInOverHttp> => {
    const { url } = await product.json<{ url: string }>(kind, 'invite', name);
    const password = PASSWORDS[kind];
    await json('POST', `/${kind}/invite/accept`, { body: { token: url.split('#')[1], password, transport: 'token' } });
    return signIn(kind, name, password);
  };
  const buyer = await accept('buyer', BUYER);
  const admin = await accept('admin', ADMIN);
  const made = await product.cli('admin', 'token', 'create', 'a program');
  const adminToken = made.stdout.trim();
  const spend = (prompt = 'Hi'): Promise<Response> =>
    fetch(`${product.baseUrl}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': product.key, 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({ model: 'claude-sonnet-5-5', max_tokens: 50, messages: [{ role: 'user', content: prompt }] }),
    });
  return { product, origin, buyer, admin, adminToken, call, json, signIn, spend, stop: () => product.stop() };
}
