// A web server on loopback that takes webhooks as a shop builder's would: it checks signatures with npm's
// standardwebhooks, and refuses as it is told.
import http from 'node:http';
import { once } from 'node:events';
import { Webhook } from 'standardwebhooks';

export class HookReceiver {
  static async open() {
    const receiver = new HookReceiver();
    receiver.server = http.createServer((request, response) => receiver.#take(request, response)).listen(0, '127.0.0.1');
    await once(receiver.server, 'listening');
    receiver.url = `http://127.0.0.1:${receiver.server.address().port}/hooks`;
    return receiver;
  }

  constructor() {
    this.requests = []; // {status, headers, body, event}
    this.subjects = new Set(); // of the events that it took
    this.waiting = [];
    this.waitingFor = 0; // requests without an answer
    this.answer = () => 204; // event → HTTP status
  }

  // What was answered with a 2xx, in the order of its coming.
  get taken() {
    return this.requests.filter(({ status }) => status >= 200 && status < 300).map(({ event }) => event);
  }

  // Throws if `secret` didn't sign it.
  verify({ body, headers }, secret) {
    return new Webhook(secret).verify(body, headers);
  }

  // Resolves when `done(this)` is true, which is asked after each request.
  async until(done, what = 'the expected webhooks', timeout_ms = 30_000) {
    if (done(this)) return;
    await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${what} did not come; ${this.requests.length} requests did`)), timeout_ms);
      this.waiting.push(() => done(this) && (clearTimeout(timer), resolve(), true));
    });
  }

  close() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  async #take(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString('utf8');
    const event = JSON.parse(body);
    this.waitingFor += 1;
    const status = await this.answer(event);
    this.waitingFor -= 1;
    this.requests.push({ status, headers: request.headers, body, event });
    if (status >= 200 && status < 300) this.subjects.add(event.subject);
    response.writeHead(status, status === 302 ? { location: `${this.url}/elsewhere` } : {}).end();
    this.waiting = this.waiting.filter((ask) => !ask());
  }
}
