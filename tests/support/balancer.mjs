// nginx with the project's own packaging/nginx/kontor.conf before nodes that a test started, on a port of its own with a
// certificate of its own.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { eventually } from './eventually.mjs';

const run = promisify(execFile);
const shipped = (name) => readFile(new URL(`../../packaging/nginx/${name}`, import.meta.url), 'utf8');

async function freePort() {
  const socket = net.createServer().listen(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

export class Balancer {
  // `ports`: of the nodes.
  static async open(ports) {
    const balancer = new Balancer(await mkdtemp(path.join(tmpdir(), 'kontor-nginx-')), await freePort());
    await balancer.#configure(ports);
    balancer.child = spawn('nginx', ['-p', balancer.folder, '-c', 'nginx.conf', '-e', 'error.log'], { stdio: 'ignore', env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } });
    await eventually(() => balancer.#answers(), 'nginx');
    return balancer;
  }

  constructor(folder, port) {
    this.folder = folder;
    this.port = port;
  }

  errors() {
    return readFile(path.join(this.folder, 'error.log'), 'utf8');
  }

  async close() {
    this.child.kill('SIGQUIT');
    await once(this.child, 'exit');
    await rm(this.folder, { recursive: true, force: true });
  }

  async #configure(ports) {
    const inside = (name) => path.join(this.folder, name);
    await mkdir(inside('kontor'));
    await run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1', '-subj', '/CN=shop.example', '-keyout', inside('kontor/privkey.pem'), '-out', inside('kontor/fullchain.pem')]);
    const nodes = (await shipped('nodes.inc')).replaceAll(/127\.0\.0\.1:808(\d)/g, (_, number) => `127.0.0.1:${ports[number - 1]}`);
    await writeFile(inside('kontor/nodes.inc'), nodes);
    const shop = (await shipped('kontor.conf'))
      .replaceAll('/etc/nginx/kontor/', inside('kontor/'))
      .replace('listen 80;', `listen unix:${inside('plain.sock')};`)
      .replace('listen 443 ', `listen 127.0.0.1:${this.port} `);
    await writeFile(inside('nginx.conf'), `
      daemon off;
      pid nginx.pid;
      worker_processes 2;
      events { worker_connections 4096; }
      http {
        access_log off;
        ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${kind};`).join('\n')}
        ${shop}
      }`);
  }

  #answers() {
    return new Promise((resolve) => {
      const socket = net.connect({ host: '127.0.0.1', port: this.port }, () => {
        socket.end();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
  }
}
