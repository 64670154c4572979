// A local HTTP server that speaks the part of Stripe's API that Kontor uses, as its documentation has it: PaymentIntents,
// refunds, idempotency keys, errors, signed events. It keeps its own books, so that a test can compare them with Kontor's.
// Written from the documentation; it is not Stripe.
import http from 'node:http';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import Stripe from 'stripe';

const id = (prefix) => `${prefix}_${randomBytes(12).toString('hex')}`;
export const secretKey = `sk_test_${'k'.repeat(24)}`;
export const webhookSecret = `whsec_${'s'.repeat(32)}`;

export class StripeServer {
  static async open() {
    const stripe = new StripeServer();
    stripe.server = http.createServer((request, response) => stripe.#take(request, response)).listen(0, '127.0.0.1');
    await once(stripe.server, 'listening');
    return stripe;
  }

  constructor() {
    this.intents = new Map();
    this.refunds = new Map();
    this.answers = new Map(); // idempotency key → {fingerprint, status, body}
    this.requests = []; // {method, path, form, key, status}
    this.events = [];
    this.library = new Stripe(secretKey);
    this.beforeAnswer = async () => {}; // ({method, path, effect}) → 'hang up' to give none
    this.failWith = () => undefined; // ({method, path}) → {status, body} instead of doing anything
  }

  get url() {
    return `http://127.0.0.1:${this.server.address().port}`;
  }

  // What Kontor needs to be told of it.
  get settings() {
    return { stripe_secret_key: secretKey, stripe_webhook_secrets: webhookSecret, stripe_url: this.url };
  }

  close() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  // --- what customers and banks do ---

  // The customer's browser confirms with the client secret. Gives the event that Stripe would send.
  confirm(clientSecret, { declined = false } = {}) {
    const intent = [...this.intents.values()].find(({ client_secret }) => client_secret === clientSecret);
    if (declined) {
      intent.last_payment_error = { type: 'card_error', code: 'card_declined', message: 'Your card was declined.' };
      return this.#event('payment_intent.payment_failed', intent);
    }
    intent.last_payment_error = null;
    if (intent.capture_method === 'manual') {
      Object.assign(intent, { status: 'requires_capture', amount_capturable: intent.amount });
      return this.#event('payment_intent.amount_capturable_updated', intent);
    }
    Object.assign(intent, { status: 'succeeded', amount_received: intent.amount });
    return this.#event('payment_intent.succeeded', intent);
  }

  // The event of something that happened to an object.
  eventOf(type, object) {
    return this.#event(type, object);
  }

  // A refund made in Stripe's dashboard.
  refundByHand(intent, amount, status = 'succeeded') {
    return this.#refund({ payment_intent: intent.id, amount: String(amount) }, status);
  }

  intentOf(payment) {
    return [...this.intents.values()].find(({ metadata }) => metadata.kontor_payment === payment.id);
  }

  // POSTs an event to the shop, signed by Stripe's own library, and gives the answer.
  deliver(shop, event, { secret = webhookSecret, timestamp = Math.floor(Date.now() / 1000), body } = {}) {
    const payload = body ?? JSON.stringify(event);
    const signature = this.library.webhooks.generateTestHeaderString({ payload, secret, timestamp });
    return shop.client.post('/v1/payments/stripe/events', payload, { headers: { 'stripe-signature': signature } });
  }

  // Money that came and went, by payment: what an audit compares.
  books() {
    const books = new Map();
    for (const { metadata, amount_received } of this.intents.values())
      books.set(metadata.kontor_payment, { captured: amount_received, refunded: 0 });
    for (const { payment_intent, amount, status } of this.refunds.values()) {
      if (status === 'succeeded') books.get(this.intents.get(payment_intent).metadata.kontor_payment).refunded += amount;
    }
    return books;
  }

  // --- the API ---

  async #take(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString('utf8')));
    const { method, url: path } = request;
    const key = request.headers['idempotency-key'];
    const asked = { method, path, form, key };
    const answer = this.failWith(asked) ?? this.#once(asked, request.headers.authorization);
    this.requests.push({ ...asked, status: answer.status });
    if ((await this.beforeAnswer({ ...asked, ...answer })) === 'hang up') return request.socket.destroy();
    response.writeHead(answer.status, { 'content-type': 'application/json', 'request-id': id('req') });
    return response.end(JSON.stringify(answer.body));
  }

  // https://docs.stripe.com/api/idempotent_requests: the same key gives the same answer, another body is an error.
  #once(asked, authorization) {
    if (authorization !== `Bearer ${secretKey}`) return failed(401, 'invalid_request_error', 'Invalid API Key provided');
    const fingerprint = JSON.stringify([asked.path, asked.form]);
    const known = asked.key && this.answers.get(asked.key);
    if (known) return known.fingerprint === fingerprint ? known : failed(400, 'idempotency_error', 'Keys for idempotent requests can only be used with the same parameters');
    const answer = this.#answer(asked);
    const stored = { status: answer.status, body: structuredClone(answer.body) };
    if (asked.key) this.answers.set(asked.key, { fingerprint, ...stored });
    return stored;
  }

  #answer({ method, path, form }) {
    const [, , resource, name, step] = path.split('?')[0].split('/');
    if (resource === 'refunds' && method === 'POST' && !name) return this.#refundAsked(form);
    if (resource !== 'payment_intents') return failed(404, 'invalid_request_error', `Unrecognized request URL (${method}: ${path})`);
    if (!name) return method === 'POST' ? { status: 200, body: this.#create(form) } : failed(404, 'invalid_request_error', 'No list here');
    const intent = this.intents.get(name);
    if (!intent) return failed(404, 'invalid_request_error', `No such payment_intent: '${name}'`);
    if (step === 'capture') return this.#capture(intent);
    if (step === 'cancel') return this.#cancel(intent);
    return { status: 200, body: intent };
  }

  #create(form) {
    const intent = {
      id: id('pi'),
      object: 'payment_intent',
      amount: Number(form.amount),
      amount_capturable: 0,
      amount_received: 0,
      capture_method: form.capture_method ?? 'automatic',
      created: Math.floor(Date.now() / 1000),
      currency: form.currency,
      description: form.description ?? null,
      last_payment_error: null,
      livemode: false,
      metadata: metadataOf(form),
      status: 'requires_payment_method',
    };
    intent.client_secret = `${intent.id}_secret_${randomBytes(12).toString('hex')}`;
    this.intents.set(intent.id, intent);
    return intent;
  }

  #capture(intent) {
    if (intent.status !== 'requires_capture') return unexpectedState(intent);
    Object.assign(intent, { status: 'succeeded', amount_received: intent.amount, amount_capturable: 0 });
    return { status: 200, body: intent };
  }

  #cancel(intent) {
    if (['succeeded', 'canceled', 'processing'].includes(intent.status)) return unexpectedState(intent);
    intent.status = 'canceled';
    return { status: 200, body: intent };
  }

  #refundAsked(form) {
    const intent = this.intents.get(form.payment_intent);
    if (!intent) return failed(404, 'invalid_request_error', `No such payment_intent: '${form.payment_intent}'`);
    const given = [...this.refunds.values()].filter(({ payment_intent, status }) => payment_intent === intent.id && status !== 'failed')
      .reduce((sum, { amount }) => sum + amount, 0);
    if (Number(form.amount) > intent.amount_received - given) return failed(400, 'invalid_request_error', 'Refund amount is greater than unrefunded amount on charge');
    return { status: 200, body: this.#refund(form, 'succeeded') };
  }

  #refund(form, status) {
    const refund = {
      id: id('re'),
      object: 'refund',
      amount: Number(form.amount),
      created: Math.floor(Date.now() / 1000),
      currency: this.intents.get(form.payment_intent).currency,
      metadata: metadataOf(form),
      payment_intent: form.payment_intent,
      status,
    };
    this.refunds.set(refund.id, refund);
    return refund;
  }

  #event(type, object) {
    const event = { id: id('evt'), object: 'event', api_version: '2024-06-20', created: Math.floor(Date.now() / 1000), data: { object: structuredClone(object) }, livemode: false, pending_webhooks: 1, type };
    this.events.push(event);
    return event;
  }
}

function metadataOf(form) {
  return Object.fromEntries(Object.entries(form).flatMap(([name, value]) => {
    const [, key] = /^metadata\[(.+)\]$/.exec(name) ?? [];
    return key ? [[key, value]] : [];
  }));
}

function failed(status, type, message) {
  return { status, body: { error: { type, message } } };
}

function unexpectedState(intent) {
  return { status: 400, body: { error: { type: 'invalid_request_error', code: 'payment_intent_unexpected_state', message: `This PaymentIntent could not be changed because it has a status of ${intent.status}.`, payment_intent: intent } } };
}
