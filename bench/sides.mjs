// The servers that are measured, each as {url, start, stop}: ours, nginx with the same bytes as files, and the Node
// server of shared/peers. All with two workers or I/O threads, all writing an access log to a file.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync, statSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
export const root = fileURLToPath(new URL('..', import.meta.url));
export const workers = 2;
const program = process.env.KONTOR_BIN ?? path.join(root, 'build/release/kontor');

export async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function answers(url, child, limit_ms = 30_000) {
  const deadline = performance.now() + limit_ms;
  while (performance.now() < deadline && child.exitCode === null) {
    const answered = await fetch(url).then((answer) => answer.status === 200 && answer.arrayBuffer(), () => undefined);
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`${url} did not answer`);
}

async function end(child) {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

export class Kontor {
  constructor(name, folder, database) {
    this.name = name;
    this.folder = folder;
    this.database = database;
    // Everything is ordered and registered under one address.
    this.flags = ['--orders-per-hour-max', '0', '--address-registrations-max', '0'];
  }

  get place() {
    return ['--data', path.join(this.folder, 'data'), ...(this.database ? ['--database', this.database] : [])];
  }

  async start() {
    await mkdir(this.folder, { recursive: true });
    this.port ??= await freePort();
    this.url = `http://127.0.0.1:${this.port}`;
    const log = openSync(path.join(this.folder, 'access.log'), 'a');
    const began = performance.now();
    this.child = spawn(program, ['serve', '--listen', `127.0.0.1:${this.port}`, '--threads', String(workers), ...this.flags, ...this.place],
      { cwd: this.folder, stdio: ['ignore', log, log] });
    await answers(`${this.url}/v1/products?limit=1`, this.child);
    return performance.now() - began;
  }

  command(...words) {
    return run(program, [...words, ...this.place], { cwd: this.folder });
  }

  async resident_mb() {
    return Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${this.child.pid}/status`, 'utf8'))[1]) / 1024;
  }

  stop() {
    return end(this.child);
  }
}

// Serves FOLDER/www. `open_file_cache`, a long keep-alive and a buffered log (ours is too), so that it isn't held back by
// its defaults.
export class Nginx {
  name = 'nginx';

  constructor(folder) {
    this.folder = folder;
  }

  async start() {
    const port = await freePort();
    this.url = `http://127.0.0.1:${port}`;
    const conf = path.join(this.folder, 'nginx.conf');
    await writeFile(conf, `
daemon off;
user root;
worker_processes ${workers};
pid ${this.folder}/nginx.pid;
error_log ${this.folder}/error.log;
events { worker_connections 1024; }
http {
  access_log ${this.folder}/nginx-access.log combined buffer=64k flush=1s;
  client_body_temp_path ${this.folder}/tmp1;
  proxy_temp_path ${this.folder}/tmp2;
  fastcgi_temp_path ${this.folder}/tmp3;
  uwsgi_temp_path ${this.folder}/tmp4;
  scgi_temp_path ${this.folder}/tmp5;
  default_type application/json;
  sendfile on;
  tcp_nodelay on;
  keepalive_requests 100000000;
  open_file_cache max=20000 inactive=600s;
  open_file_cache_valid 600s;
  server { listen 127.0.0.1:${port} reuseport; root ${this.folder}/www; }
}
`.replace(process.getuid() === 0 ? '' : 'user root;\n', ''));
    this.child = spawn('/usr/sbin/nginx', ['-c', conf, '-p', this.folder], { stdio: 'ignore' });
    await answers(`${this.url}/p/0`, this.child);
  }

  stop() {
    return end(this.child);
  }
}

const tokens_used_for_ms = 20 * 3_600_000; // they live for a day, and a run takes a while

// The Node server, where ../shared/peers is; set up once a day, which takes minutes.
export class Express {
  static folder = path.join(root, '../shared/peers/express');
  static work = process.env.PEERS_DIR ?? '/tmp/kontor-peers';

  static get present() {
    return existsSync(path.join(this.folder, 'setup.sh'));
  }

  static async setUp() {
    const place = path.join(this.work, 'express');
    const tokens = path.join(place, 'tokens.txt');
    const last = path.join(place, 'shop200k.db'); // of what is set up
    if (!existsSync(last) || Date.now() - statSync(tokens).mtimeMs > tokens_used_for_ms) {
      await rm(place, { recursive: true, force: true });
      console.error('setting up the Node server (minutes, once a day)');
      await run('bash', [path.join(this.folder, 'setup.sh')], { env: this.environment, maxBuffer: 1 << 26 });
    }
    await run('bash', [path.join(this.folder, '../lib/pg.sh'), 'start'], { env: this.environment });
  }

  static get environment() {
    return { ...process.env, PEERS_DIR: this.work };
  }

  constructor(engine) {
    this.engine = engine;
    this.name = `Node, ${engine}`;
    this.folder = path.join(Express.work, 'express'); // tokens.txt
  }

  async start() {
    const port = await freePort();
    this.url = `http://127.0.0.1:${port}`;
    const words = this.engine === 'sqlite' ? ['sqlite', '1'] : ['pg', String(workers)];
    const log = openSync(path.join(this.folder, 'bench.log'), 'a');
    this.child = spawn('bash', [path.join(Express.folder, 'start.sh'), ...words],
      { env: { ...Express.environment, PORT: String(port), SQLITE_SYNC: 'FULL' }, stdio: ['ignore', log, log] });
    await answers(`${this.url}/products/1`, this.child);
  }

  stop() {
    return end(this.child);
  }
}
