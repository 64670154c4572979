// Kontor's API with its types: each path, parameter, body and answer as the server's OpenAPI document has it.
import createClient, { type Client, type Middleware } from 'openapi-fetch';
import type { components, paths } from './schema.js';

export type { components, paths };
export type Schemas = components['schemas'];
export type Kontor = Client<paths>;

export interface Tokens {
  access_token: string;
  refresh_token?: string | null;
}

export interface Options {
  /** Where the shop is: `https://shop.example` */
  url: string;
  /** Of who is signed in; nothing for a guest. Asked before every request. */
  tokens?: () => Tokens | undefined;
  /** New ones, which replace those of before; `undefined` when the session has ended. Keep them. */
  keep?: (tokens: Tokens | undefined) => void;
  /** Instead of the global one. */
  fetch?: typeof fetch;
}

// Unlike any other; not a secret.
const newKey = () => [Math.random(), Math.random()].map((number) => number.toString(36).slice(2)).join('');

/**
 * `const { data, error } = await kontor.GET('/v1/products', { params: { query: { q: 'mug' } } })`: `data` is the answer,
 * or `error` the problem document that says what is wrong.
 *
 * An access token that has ended is replaced once by means of the refresh token, and the request is made again. Each
 * POST has an `Idempotency-Key`, so that this, and a network's own repetitions, do nothing twice.
 */
export function createKontor({ url, tokens = () => undefined, keep = () => {}, fetch = globalThis.fetch }: Options): Kontor {
  const plain = createClient<paths>({ baseUrl: url, fetch });
  let refreshing: Promise<Tokens | undefined> | undefined;

  const refresh = async (): Promise<Tokens | undefined> => {
    const refresh_token = tokens()?.refresh_token;
    if (!refresh_token) return undefined;
    const { data, response } = await plain.POST('/v1/auth/refresh', { body: { refresh_token } });
    if (data) keep(data);
    else if (response.status === 401) keep(undefined);
    return data;
  };

  // Several requests may find at once that the token has ended; a refresh token counts once.
  const refreshOnce = () => (refreshing ??= refresh().finally(() => (refreshing = undefined)));

  const again = new WeakMap<Request, Request>();
  const signing: Middleware = {
    onRequest({ request }) {
      const token = tokens()?.access_token;
      if (token && !request.headers.has('authorization')) request.headers.set('authorization', `Bearer ${token}`);
      if (request.method === 'POST' && !request.headers.has('idempotency-key')) {
        request.headers.set('idempotency-key', newKey());
      }
      again.set(request, request.clone()); // a body can be read once
      return request;
    },
    async onResponse({ request, response }) {
      if (response.status !== 401) return response;
      const { code } = (await response.clone().json()) as Schemas['Problem'];
      if (code !== 'token_expired') return response;
      const fresh = await refreshOnce();
      const repeated = again.get(request);
      if (!fresh || !repeated) return response;
      repeated.headers.set('authorization', `Bearer ${fresh.access_token}`);
      return fetch(repeated);
    },
  };

  const kontor = createClient<paths>({ baseUrl: url, fetch });
  kontor.use(signing);
  return kontor;
}
