// A TCP connection under the test's own hands, for what an HTTP client refuses to send.
import net from 'node:net';

export class RawConnection {
  static open(port) {
    return new Promise((resolve, reject) => {
      const socket = net.connect({ host: '127.0.0.1', port, allowHalfOpen: true });
      socket.once('connect', () => resolve(new RawConnection(socket)));
      socket.once('error', reject);
    });
  }

  constructor(socket) {
    this.socket = socket;
    this.received = Buffer.alloc(0);
    this.ended = false; // by the server
    this.wake = () => {};
    this.discarding = false;
    socket.on('data', (chunk) => {
      if (this.discarding) return;
      this.received = Buffer.concat([this.received, chunk]);
      this.wake();
    });
    const end = () => {
      this.ended = true;
      this.wake();
    };
    socket.on('end', end).on('close', end).on('error', end);
  }

  send(bytes) {
    if (!this.socket.destroyed) this.socket.write(bytes, 'latin1');
    return this;
  }

  // One answer off the front of what arrives: {status, headers, body}, or undefined if the server closed instead.
  async answer({ timeout_ms = 15_000, head = false } = {}) {
    return this.#until(timeout_ms, 'an answer', () => this.#take(head) ?? (this.ended ? null : undefined)).then((found) => found ?? undefined);
  }

  // Waits until the server has closed its side.
  async closed(timeout_ms = 15_000) {
    await this.#until(timeout_ms, 'the server to close', () => this.ended || undefined);
  }

  // Reads on, but keeps nothing of it.
  discard() {
    this.discarding = true;
    this.received = Buffer.alloc(0);
    this.socket.resume();
    return this;
  }

  end() {
    this.socket.destroy();
  }

  async #until(timeout_ms, what, probe) {
    const deadline = Date.now() + timeout_ms;
    for (;;) {
      const found = probe();
      if (found !== undefined) return found;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`waited ${timeout_ms} ms for ${what}; got ${JSON.stringify(this.received.toString('latin1').slice(0, 300))}`);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  #take(head) {
    const cut = this.received.indexOf('\r\n\r\n');
    if (cut < 0) return undefined;
    const [first, ...lines] = this.received.subarray(0, cut).toString('latin1').split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1]);
    if (!status) throw new Error(`not an HTTP answer: ${first}`);
    const headers = Object.fromEntries(lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }));
    const none = head || status === 204 || status === 304 || status < 200;
    const length = none ? 0 : Number(headers['content-length'] ?? 0);
    if (this.received.length < cut + 4 + length) return undefined;
    const body = this.received.subarray(cut + 4, cut + 4 + length).toString('utf8');
    this.received = this.received.subarray(cut + 4 + length);
    return { status, headers, body, json: /json/.test(headers['content-type'] ?? '') && body ? JSON.parse(body) : undefined };
  }
}
