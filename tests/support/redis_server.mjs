// A Redis of a test's own: a process on a free port that keeps nothing, killed, stopped and started again at will, and
// what npm's packages publish in it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createAdapter } from '@socket.io/redis-adapter';
import { Emitter } from '@socket.io/redis-emitter';
import { createClient } from 'redis';
import { Server } from 'socket.io';
import { eventually } from './eventually.mjs';

const password = 'known to this test only';

export class RedisServer {
  static async open() {
    const server = new RedisServer();
    server.port = await freePort();
    await server.start();
    return server;
  }

  clients = [];
  peers = [];

  get url() {
    return `redis://:${encodeURIComponent(password)}@127.0.0.1:${this.port}`;
  }

  // The same by its Unix socket, and another database.
  get unixUrl() {
    return `unix://:${encodeURIComponent(password)}@${this.#socket}?db=1`;
  }

  get #socket() {
    return path.join(tmpdir(), `kontor-redis-${this.port}.sock`);
  }

  // Settings of a shop that uses it.
  get settings() {
    return { redis_url: this.url };
  }

  async start() {
    const words = ['--port', this.port, '--bind', '127.0.0.1', '--requirepass', password, '--save', '', '--appendonly', 'no', '--dir', tmpdir(), '--unixsocket', this.#socket];
    this.child = spawn('redis-server', words.map(String), { stdio: 'ignore' });
    this.exited = once(this.child, 'exit');
    await eventually(() => takesConnections(this.port), 'redis-server');
  }

  async kill() {
    this.child.kill('SIGKILL');
    await this.exited;
  }

  // It stands still: connections stay, and nothing is answered.
  hang() {
    this.child.kill('SIGSTOP');
  }

  wake() {
    this.child.kill('SIGCONT');
  }

  // A connection of npm's `redis`, which comes back by itself as well. Socket.IO's packages don't wait for what they publish
  // by it: what is lost with Redis is thrown at nobody.
  async client() {
    const client = createClient({ url: this.url, socket: { reconnectStrategy: 50 } });
    client.on('error', () => {}); // it says so whenever Redis is away
    const publish = client.publish.bind(client);
    client.publish = (...words) => publish(...words).catch(() => {});
    await client.connect();
    this.clients.push(client);
    return client;
  }

  async emitter() {
    return new Emitter(await this.client());
  }

  // A Socket.IO server of npm's with its Redis adapter: {io, port}.
  async peer() {
    const [pub, sub] = [await this.client(), await this.client()];
    const io = new Server({ adapter: createAdapter(pub, sub) });
    io.listen(0);
    const { httpServer } = io;
    if (!httpServer.listening) await once(httpServer, 'listening');
    this.peers.push(io);
    // It hears once Redis knows of it.
    await eventually(async () => Object.values(await pub.pubSubNumSub('socket.io-request#/#'))[0] > 0, 'the peer to listen');
    return { io, port: httpServer.address().port };
  }

  // What is published on channels of that pattern from now on: [{channel, bytes}].
  async listen(pattern) {
    const heard = [];
    const client = await this.client();
    await client.pSubscribe(pattern, (bytes, channel) => heard.push({ channel: String(channel), bytes }), true);
    return heard;
  }

  async close() {
    this.wake();
    for (const io of this.peers) await io.close();
    for (const client of this.clients) await (client.isReady ? client.close() : client.destroy());
    if (this.child.exitCode === null && this.child.signalCode === null) await this.kill();
    await rm(this.#socket, { force: true });
  }
}

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function takesConnections(port) {
  const socket = net.connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
