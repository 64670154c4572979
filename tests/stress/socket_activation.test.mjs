// systemd's socket activation: the listening socket outlives the program, so a restart refuses nobody.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import { ServerProcess, engine } from '../support/server.mjs';

const restarts = 5;
const clients = 16;

// Does what systemd does for a .socket unit with Restart=always: hands fd 3 to the program, and starts the next one when
// it has ended; says which process it is.
const likeSystemd = `
trap 'kill $!; wait; exit 0' TERM
while :; do
  (echo "process $BASHPID"; LISTEN_PID=$BASHPID LISTEN_FDS=1 exec "$@") &
  wait $!
done`;

describe(`socket activation (${engine})`, () => {
  let server, socket;
  before(async () => {
    server = await ServerProcess.create();
    socket = net.createServer().listen(0, '127.0.0.1');
    await once(socket, 'listening');
    server.passed = [socket._handle.fd];
    server.wrapper = ['bash', '-c', likeSystemd, 'like-systemd'];
  });
  after(async () => {
    await server?.terminate();
    await server?.dispose();
  });

  const process_ids = () => [...server.log.join('').matchAll(/^process (\d+)$/gm)].map(([, pid]) => Number(pid));
  const starts = () => [...server.log.join('').matchAll(/^listening on /gm)].length;
  const until = async (holds) => {
    while (!holds()) await once(server.child.stdout, 'data');
  };

  // Each request comes over a connection of its own.
  const openCart = () => new Promise((resolve, reject) => {
    const request = http.request({ port: server.port, host: '127.0.0.1', path: '/v1/carts', method: 'POST', agent: false, headers: { 'content-type': 'application/json', 'content-length': 2 } },
      (answer) => answer.resume().on('end', () => resolve(answer.statusCode)).on('error', reject));
    request.on('error', reject).end('{}');
  });

  test('whoever comes while the program restarts waits a moment and is served (RE-8)', { timeout: 120_000 }, async (t) => {
    const { port } = socket.address();
    await server.start();
    assert.equal(server.port, port, 'it serves on the socket that it was given');
    socket.close();

    const outcomes = {};
    let stopped = false;
    let longest_ms = 0;
    const visits = Array.from({ length: clients }, async () => {
      while (!stopped) {
        const began = performance.now();
        const outcome = await openCart().catch((error) => error.code);
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
        longest_ms = Math.max(longest_ms, performance.now() - began);
      }
    });
    for (let i = 0; i < restarts; ++i) {
      const served = outcomes[201] ?? 0;
      await until(() => (outcomes[201] ?? 0) > served + clients);
      process.kill(process_ids().at(-1));
      await until(() => starts() === i + 2);
    }
    stopped = true;
    await Promise.all(visits);
    t.diagnostic(`${outcomes[201]} carts over ${restarts} restarts, the longest answer after ${longest_ms.toFixed(0)} ms`);
    assert.deepEqual(Object.keys(outcomes), ['201'], 'nobody was refused');
    assert.equal(new Set(process_ids()).size, restarts + 1);
  });
});

describe(`a socket that is none (${engine})`, () => {
  test('is refused with what to change about the unit', async () => {
    const server = await ServerProcess.create();
    after(() => server.dispose());
    server.passed = ['pipe'];
    server.wrapper = ['bash', '-c', 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"', 'like-systemd'];
    await assert.rejects(server.start(), /ListenStream=/);
  });
});
