// Stands between a server and its PostgreSQL (or its Redis), so that a test can cut one node off: nothing passes any more, or every
// connection breaks and none is taken.
import net from 'node:net';
import { once } from 'node:events';

export class DatabaseProxy {
  // `url`: of the database, as ServerProcess knows it.
  static async open(url) {
    const proxy = new DatabaseProxy(new URL(url.replace(/^postgres(ql)?:\/\/\//, 'postgres://localhost/')));
    proxy.server = net.createServer((client) => proxy.#take(client)).listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    return proxy;
  }

  constructor(target) {
    this.target = target;
    this.pairs = new Set();
    this.state = 'open';
  }

  get port() {
    return this.server.address().port;
  }

  // The same database through here.
  get url() {
    const user = this.target.username || this.target.searchParams.get('user') || 'postgres';
    return `postgres://${user}@127.0.0.1:${this.port}${this.target.pathname}`;
  }

  // Nothing passes, and nobody is told.
  hang() {
    this.state = 'hanging';
    for (const [client, upstream] of this.pairs) [client, upstream].forEach((socket) => socket.pause());
  }

  // Every connection breaks, and new ones break at once.
  break() {
    this.state = 'broken';
    for (const [client, upstream] of this.pairs) [client, upstream].forEach((socket) => socket.destroy());
  }

  heal() {
    this.state = 'open';
    for (const [client, upstream] of this.pairs) [client, upstream].forEach((socket) => socket.resume());
  }

  async close() {
    this.break();
    this.server.close();
    await once(this.server, 'close');
  }

  #take(client) {
    if (this.state === 'broken') {
      client.destroy();
      return;
    }
    const host = this.target.searchParams.get('host') ?? this.target.hostname;
    const port = this.target.port || 5432;
    const upstream = host.startsWith('/') ? net.connect(`${host}/.s.PGSQL.${port}`) : net.connect(port, host);
    const pair = [client, upstream];
    this.pairs.add(pair);
    for (const [from, to] of [pair, [upstream, client]]) {
      from.on('data', (bytes) => to.write(bytes));
      from.on('error', () => {});
      from.on('close', () => {
        this.pairs.delete(pair);
        to.destroy();
      });
    }
    if (this.state === 'hanging') pair.forEach((socket) => socket.pause());
  }
}
