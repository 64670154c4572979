// HTTP as the tests speak it: JSON in, JSON out, every answer checked against the contract. Answers of any status come
// back as values; a broken connection throws.
import http from 'node:http';
import { gunzipSync } from 'node:zlib';

export class Client {
  // `transport`: http or https. Certificates of tests are signed by nobody.
  constructor(port, contract, transport = http) {
    this.transport = transport;
    this.port = port;
    this.contract = contract; // null: unchecked
    this.audited = null; // notes what the audit log has to tell
    this.agent = new transport.Agent({ keepAlive: true, maxSockets: 256, rejectUnauthorized: false });
  }

  // Options: body (a value to send as JSON, or a string or Buffer to send as it is), headers, token, key
  // (Idempotency-Key), unchecked.
  async call(method, target, options = {}) {
    const answer = await this.#send(method, target, options);
    this.audited?.note({ method, target, token: options.token, ...answer });
    if (this.contract && !options.unchecked && method !== 'OPTIONS' && method !== 'HEAD' && answer.status !== 304) {
      this.contract.check({ method, target, contentType: answer.headers['content-type'], ...answer });
    }
    return answer;
  }

  get = (target, options) => this.call('GET', target, options);
  post = (target, body, options) => this.call('POST', target, { ...options, body });
  put = (target, body, options) => this.call('PUT', target, { ...options, body });
  patch = (target, body, options) => this.call('PATCH', target, { ...options, body });
  delete = (target, options) => this.call('DELETE', target, options);

  close() {
    this.agent.destroy();
  }

  #send(method, target, { body, headers = {}, token, key, timeout_ms = 30_000 }) {
    const sent = { ...headers };
    let bytes;
    if (body !== undefined) {
      bytes = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
      sent['content-type'] ??= 'application/json';
      sent['content-length'] = Buffer.byteLength(bytes);
    }
    if (token) sent.authorization = `Bearer ${token}`;
    if (key) sent['idempotency-key'] = key;
    return new Promise((resolve, reject) => {
      const request = this.transport.request(
        { host: '127.0.0.1', port: this.port, method, path: target, headers: sent, agent: this.agent, timeout: timeout_ms },
        (response) => {
          const chunks = [];
          response.on('data', (chunk) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => resolve(answerOf(response, Buffer.concat(chunks))));
        },
      );
      request.on('timeout', () => request.destroy(new Error(`${method} ${target}: no answer in ${timeout_ms} ms`)));
      request.on('error', reject);
      request.end(bytes);
    });
  }
}

function answerOf(response, received) {
  const bytes = response.headers['content-encoding'] === 'gzip' && received.length > 0 ? gunzipSync(received) : received;
  const text = bytes.toString('utf8');
  const isJson = /[/+]json/.test(response.headers['content-type'] ?? '') && text !== '';
  return { status: response.statusCode, headers: response.headers, bytes, received, text, json: isJson ? JSON.parse(text) : undefined };
}
