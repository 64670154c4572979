// A whole shop for a test: the program on a fresh database, and what people do in a shop as verbs. Verbs expect to
// succeed and give back what the server answered; a test of refusals uses shop.client.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Audited } from './audited.mjs';
import { Client } from './client.mjs';
import { Contract } from './contract.mjs';
import { png } from './png.mjs';
import { RawConnection } from './raw.mjs';
import { ServerProcess, engine } from './server.mjs';
import { totp } from './totp.mjs';

export { engine };
export const password = 'correct horse battery';

let serial = 0;
export const unique = (word) => `${word}-${process.pid}-${++serial}`;

// Countries and what their postal codes look like: the shop's own table.
const countries = new Map(readFileSync(new URL('../../src/users/data/address_rules.tsv', import.meta.url), 'utf8')
  .split('\n').filter((line) => line && !line.startsWith('#')).map((line) => line.split('\t')).map(([code, region, , example]) => [code, { region, example }]));

// An address that the country's post can deliver to.
export function addressIn(country) {
  const { region, example } = countries.get(country);
  return { name: 'Ada Byron', line1: '1 Main Street', city: 'Springfield', postal_code: example || '-', country, ...(region && { region: 'Region' }) };
}

export function address(changes = {}) {
  return { name: 'Ada Byron', line1: '12 St James Square', city: 'London', postal_code: 'SW1Y 4JH', country: 'GB', ...changes };
}

export class TestShop {
  static server(options) {
    return ServerProcess.create(options);
  }

  // `settings`: see ServerProcess.create(). `wrapper`: a command around the program, for its first start; `survives`: it may
  // die of that.
  static async open({ wrapper = [], survives = false, ...options } = {}) {
    const shop = new TestShop(await ServerProcess.create(options));
    shop.server.wrapper = wrapper;
    await shop.begin({ survives });
    return shop;
  }

  // Starts the server and reads what it says of itself.
  async begin({ survives = false } = {}) {
    try {
      const contract = await this.#start().catch(async (error) => {
        if (!survives) throw error;
        await this.server.kill9(); // it died in its start, or in what it does thereafter
        this.server.wrapper = [];
        return this.#start();
      });
      this.contract = contract;
      this.client = new Client(this.server.port, contract);
      this.client.audited = new Audited(contract);
    } catch (error) {
      await this.server.dispose();
      throw error;
    }
  }

  async #start() {
    await this.server.start();
    const document = await new Client(this.server.port, null).get('/openapi.json');
    assert.equal(document.status, 200, 'the server describes itself');
    return new Contract(document.json);
  }

  constructor(server) {
    this.server = server;
    this.admin = null;
    this.nodes = []; // beside the first
  }

  // One more server of this shop: {server, client, port}. For shops with a setting `secret`. `database`: by another way.
  // `settings`: of this one besides.
  async addNode({ database, settings } = {}) {
    const server = await this.server.createNode();
    server.database = database ?? server.database;
    server.settings = { ...server.settings, ...settings };
    try {
      await server.start();
    } catch (error) {
      await server.dispose();
      throw error;
    }
    const client = new Client(server.port, this.contract);
    client.audited = this.client.audited;
    const node = { server, client, port: server.port };
    this.nodes.push(node);
    return node;
  }

  get port() {
    return this.server.port;
  }

  async close() {
    this.client?.close();
    for (const { client, server } of this.nodes) {
      client.close();
      await server.dispose();
    }
    try {
      await this.client?.audited.check(this.server);
    } finally {
      await this.server.dispose();
    }
  }

  connect() {
    return RawConnection.open(this.port);
  }

  async kill9AndRestart() {
    await this.server.kill9();
    await this.server.start();
  }

  // --- people ---

  // {user, access_token, refresh_token, …}, and the password they chose.
  async registerUser({ email = `${unique('user')}@example.com`, name = 'Ada Byron' } = {}) {
    const answer = await this.client.post('/v1/auth/register', { email, password, name });
    assert.equal(answer.status, 201, answer.text);
    return { ...answer.json, email, password };
  }

  async signIn(email, secret = password) {
    const answer = await this.client.post('/v1/auth/login', { email, password: secret });
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
  }

  // The token of the shop's first admin, who is made through the command line as the owner would, and who has just
  // given a second factor.
  async signInAsAdmin() {
    if (!this.admin) {
      await this.server.command('admin', 'create', '--email', 'owner@example.com', '--password', password);
      this.admin = await this.enrol(await this.signIn('owner@example.com'));
    }
    return this.admin.access_token;
  }

  // Gives somebody who is signed in an authenticator app: {…, secret, recovery_codes}, and an access token that has
  // given a second factor.
  async enrol(person, secret = password) {
    const offer = await this.client.post('/v1/auth/mfa/totp', { password: secret }, { token: person.access_token });
    assert.equal(offer.status, 200, offer.text);
    const code = totp(offer.json.secret);
    const confirmed = await this.client.post('/v1/auth/mfa/totp/confirm', { code }, { token: person.access_token });
    assert.equal(confirmed.status, 200, confirmed.text);
    return { ...person, secret: offer.json.secret, ...confirmed.json };
  }

  // Somebody with a role: 'support', 'manager'…
  async hire(role) {
    const person = await this.registerUser();
    const answer = await this.client.patch(`/v1/users/${person.user.id}`, { role }, { token: await this.signInAsAdmin() });
    assert.equal(answer.status, 200, answer.text);
    return { ...person, ...(await this.signIn(person.email)) };
  }

  // --- goods ---

  // An active product with one variant, unless `options` and `variants` say more.
  async createProduct({ stock = 100, price = 1999, currency = 'EUR', ...rest } = {}) {
    const word = unique('mug');
    const product = {
      title: `Mug ${word}`,
      status: 'active',
      variants: [{ sku: word.toUpperCase(), price: { amount: price, currency }, on_hand: stock }],
      ...rest,
    };
    const answer = await this.client.post('/v1/products', product, { token: await this.signInAsAdmin() });
    assert.equal(answer.status, 201, answer.text);
    return answer.json;
  }

  // A picture of one colour, as the shop serves it: {id, urls…}.
  async addPicture(product, color = [200, 40, 40]) {
    const boundary = 'a-boundary-of-our-own';
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="photo.png"\r\n\r\n`;
    const body = Buffer.concat([Buffer.from(head), png(300, 200, color), Buffer.from(`\r\n--${boundary}--\r\n`)]);
    const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` };
    const answer = await this.client.post(`/v1/products/${product.id}/images`, body, { token: await this.signInAsAdmin(), headers });
    assert.equal(answer.status, 201, answer.text);
    return answer.json;
  }

  async getProduct(id) {
    const answer = await this.client.get(`/v1/products/${id}`);
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
  }

  async stockOf(product) {
    return (await this.getProduct(product.id)).variants[0].stock;
  }

  // --- buying; `token` absent: as a guest ---

  async openCart({ token, ...body } = {}) {
    const answer = await this.client.post('/v1/carts', body, { token });
    assert.equal(answer.status, 201, answer.text);
    return answer.json;
  }

  async addToCart(cart, variant, quantity = 1, { token } = {}) {
    const answer = await this.client.post(`/v1/carts/${cart.id}/items`, { variant_id: variant.id, quantity }, { token });
    assert.ok(answer.status === 200 || answer.status === 201, answer.text);
    return answer.json;
  }

  // A cart with that many of the product's first variant.
  async fillCart(product, quantity = 1, { token } = {}) {
    return this.openCart({ token, items: [{ variant_id: product.variants[0].id, quantity }] });
  }

  async placeOrder(cart, { token, key, ...changes } = {}) {
    const answer = await this.client.post('/v1/orders', orderOf(cart, { token, ...changes }), { token, key });
    assert.equal(answer.status, 201, answer.text);
    return answer.json;
  }

  // Staff's steps: process, ship, deliver, cancel, mark-paid.
  async moveOrder(order, step, body = {}) {
    const answer = await this.client.post(`/v1/orders/${order.id}/${step}`, body, { token: await this.signInAsAdmin() });
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
  }
}

export function orderOf(cart, { token, ...changes } = {}) {
  return { cart_id: cart.id, ...(token ? {} : { email: 'guest@example.com' }), shipping_address: address(), ...changes };
}
