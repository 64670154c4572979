// A customer of the TypeScript client: what typescript_client.test.mjs runs, and tsc checks the types of.
import { createKontor, type Schemas, type Tokens } from '../../../clients/typescript/src/index.js';

const address = { name: 'Ada Byron', line1: '12 St James Square', city: 'London', postal_code: 'SW1Y 4JH', country: 'GB' };

const expected = <T>({ data, error }: { data?: T; error?: Schemas['Problem'] }): T => {
  if (data === undefined) throw new Error(error?.detail ?? error?.code);
  return data;
};

// Registers, outlives the access token and buys the product.
export async function buy(url: string, product_id: string, email: string, ended: (token: string) => Promise<void>) {
  let tokens: Tokens | undefined;
  let refreshes = -1; // the first tokens are not a refresh's
  const keep = (fresh?: Tokens) => {
    tokens = fresh;
    ++refreshes;
  };
  const kontor = createKontor({ url, tokens: () => tokens, keep });
  keep(expected(await kontor.POST('/v1/auth/register', { body: { email, name: 'Ada', password: 'correct horse battery' } })));

  const product = expected(await kontor.GET('/v1/products/{id}', { params: { path: { id: product_id } } }));
  const variant_id = product.variants[0]!.id;
  const cart = expected(await kontor.POST('/v1/carts', { body: { items: [{ variant_id, quantity: 2 }] } }));
  await ended(tokens!.access_token);
  const both = await Promise.all([kontor.GET('/v1/me'), kontor.GET('/v1/me')]);
  const order = expected(await kontor.POST('/v1/orders', { body: { cart_id: cart.id, shipping_address: address } }));
  return { me: both.map(expected), order, total_minor: order.total.amount, refreshes };
}

// What is wrong is told as a problem document, with its type.
export async function orderNothing(url: string) {
  const kontor = createKontor({ url });
  const { error } = await kontor.POST('/v1/orders', { body: { cart_id: 'crt_00000000000000000000000000', email: 'ada@example.com' } });
  return error?.code;
}

// Never called: these lines must not compile, each for one reason.
export async function mistakes(url: string) {
  const kontor = createKontor({ url });
  // @ts-expect-error: there is no such path
  await kontor.GET('/v1/prodcuts');
  // @ts-expect-error: a quantity is a number
  await kontor.POST('/v1/carts', { body: { items: [{ variant_id: 'var_1', quantity: '2' }] } });
  const { data } = await kontor.GET('/v1/products/{id}', { params: { path: { id: 'prd_1' } } });
  // @ts-expect-error: products have no such member
  return data?.prize;
}
