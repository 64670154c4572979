// What every answer has, and the endpoints around the shop: health, metrics, the API's own description and docs.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { eventually } from '../support/eventually.mjs';
import { ServerProcess } from '../support/server.mjs';
import { TestShop, engine, password } from '../support/shop.mjs';

// What a process has open.
function filesOf({ pid }) {
  return readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return ''; // closed meanwhile
    }
  });
}

const redocly = fileURLToPath(new URL('../../node_modules/.bin/redocly', import.meta.url));

describe(`system (${engine})`, () => {
  let shop, client;
  before(async () => {
    shop = await TestShop.open({ settings: { cors_origins: 'https://shop.example,https://admin.example' } });
    client = shop.client;
  });
  after(() => shop?.close());

  test('is up, and ready', async () => {
    assert.equal((await client.get('/healthz')).status, 200);
    assert.equal((await client.get('/readyz')).status, 200);
  });

  test('`kontor health` says so to those who watch containers, and how it can not', async () => {
    assert.equal(await shop.server.command('health', '--listen', `0.0.0.0:${shop.port}`), 'ready\n');
    const silent = await shop.server.command('health', '--listen', '[::1]:1').then(() => assert.fail('nobody is there'), (failure) => failure);
    assert.equal(silent.code, 1);
    assert.match(silent.stdout, /^http:\/\/\[::1\]:1\/readyz: /);
  });

  test('counts requests by route for Prometheus', async () => {
    await client.get('/v1/products');
    const { text, headers } = await client.get('/metrics');
    assert.match(headers['content-type'], /^text\/plain/);
    assert.match(text, /^# TYPE \S+ (counter|histogram)$/m);
    assert.match(text, /v1\/products/);
  });

  test('tells Prometheus of the store, the pools and the followers', async () => {
    await shop.createProduct();
    const { text } = await client.get('/metrics');
    const value = (name) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
    assert.ok(value('kontor_store_writes_total') >= value('kontor_store_commits_total'));
    assert.ok(value('kontor_store_commits_total') >= 1);
    assert.equal(value('kontor_database_up'), 1);
    assert.match(text, /^kontor_follower_lag_seconds\{follower="[^"]+"\} \S+$/m);
    for (const pool of ['passwords', 'search', 'files', 'pictures', 'imports', 'exports', 'payments']) assert.match(text, new RegExp(`^kontor_pool_length\\{pool="${pool}"\\} \\d+$`, 'm'));
    const again = (await client.get('/metrics')).text;
    const writes = Number(/^kontor_store_writes_total (\S+)$/m.exec(again)[1]);
    assert.ok(writes >= value('kontor_store_writes_total') && writes < 2 * value('kontor_store_writes_total'), 'a counter counts once, however often it is read');
  });

  test('the dashboard shows what Prometheus is told, and nothing else', async () => {
    const shipped = await mkdtemp(path.join(tmpdir(), 'kontor-shipped-'));
    const watched = await TestShop.open({ settings: engine === 'sqlite' ? { ship_to: path.join(shipped, 'shop') } : {} });
    try {
      await watched.client.get('/healthz');
      const { text } = await watched.client.get('/metrics');
      const told = new Set([...text.matchAll(/^# TYPE (kontor_\w+)/gm)].map(([, name]) => name));
      const dashboard = await readFile(fileURLToPath(new URL('../../packaging/grafana-dashboard.json', import.meta.url)), 'utf8');
      const shown = new Set([...dashboard.matchAll(/kontor_\w+/g)].map(([name]) => name.replace(/_bucket$/, '')));
      assert.deepEqual([...told].filter((name) => !shown.has(name)), []);
      const withRedis = /^kontor_(redis|shared|realtime_ignored)_/; // tests/nodes/shared_answers.test.mjs looks for these
      const ofTheOtherEngine = engine === 'sqlite' ? /^kontor_store_(connections|hears_others)$/ : /^kontor_ship_/;
      assert.deepEqual([...shown].filter((name) => !told.has(name) && !withRedis.test(name) && !ofTheOtherEngine.test(name)), []);
    } finally {
      await watched.close();
      await rm(shipped, { recursive: true });
    }
  });

  test('tells Prometheus how many connections to PostgreSQL are busy', { skip: engine === 'sqlite' && 'SQLite has no connections' }, async () => {
    const connections = async (state) => Number(new RegExp(`^kontor_store_connections\\{state="${state}"\\} (\\d+)$`, 'm').exec((await client.get('/metrics', { unchecked: true })).text)[1]);
    const all = (await connections('busy')) + (await connections('idle'));
    assert.ok(all >= 2);
    const release = await shop.server.holdWrites('carts');
    const waiting = client.post('/v1/carts', {});
    await eventually(async () => (await connections('busy')) >= 1, 'the connection that waits');
    assert.equal((await connections('busy')) + (await connections('idle')), all);
    await release();
    assert.equal((await waiting).status, 201);
  });

  test('a slow request is told of in the log, with what it asked the database', async () => {
    const slow = await TestShop.open({ settings: { slow_request_ms: 1 } });
    try {
      const release = await slow.server.holdWrites('carts');
      const answer = slow.client.post('/v1/carts', {});
      await new Promise((resolve) => setTimeout(resolve, 50));
      await release();
      assert.equal((await answer).status, 201);
      await eventually(() => /slow: POST "\/v1\/carts" answered 201 after \d{2,} ms and [1-9]\d* statements request_id=\S+/.test(slow.server.log.join('')), 'the line');
    } finally {
      await slow.close();
    }
  });

  test('the OpenAPI document passes redocly lint', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'kontor-openapi-'));
    const file = path.join(folder, 'openapi.json');
    await writeFile(file, JSON.stringify(shop.contract.document));
    const { code, output } = await new Promise((resolve) => {
      execFile(redocly, ['lint', '--extends=recommended', file], { cwd: folder, env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' } },
        (error, stdout, stderr) => resolve({ code: error?.code ?? 0, output: stdout + stderr }));
    });
    await rm(folder, { recursive: true });
    assert.equal(code, 0, output);
  });

  test('the OpenAPI document says what API.md says of this issue', () => {
    const paths = shop.contract.document.paths;
    assert.match(shop.contract.document.openapi, /^3\.1/);
    for (const [target, methods] of Object.entries({
      '/v1/auth/register': 'post', '/v1/auth/login': 'post', '/v1/auth/refresh': 'post', '/v1/auth/logout': 'post',
      '/v1/me': 'get patch', '/v1/me/password': 'post', '/v1/me/addresses': 'get post', '/v1/me/addresses/{id}': 'get patch delete',
      '/v1/users': 'get', '/v1/users/{id}': 'get patch',
      '/v1/auth/mfa': 'get post', '/v1/auth/mfa/totp': 'post delete', '/v1/auth/mfa/totp/confirm': 'post',
      '/v1/auth/mfa/recovery-codes': 'post', '/v1/auth/step-up': 'post', '/v1/auth/sessions': 'get delete',
      '/v1/auth/sessions/{id}': 'delete',
      '/v1/auth/passkeys/register/begin': 'post', '/v1/auth/passkeys/register/finish': 'post', '/v1/auth/passkeys/login/begin': 'post',
      '/v1/auth/passkeys/login/finish': 'post', '/v1/me/passkeys': 'get', '/v1/me/passkeys/{id}': 'get patch delete', '/.well-known/jwks.json': 'get',
      '/v1/products': 'get post', '/v1/products/{id}': 'get patch delete', '/v1/products/{id}/variants': 'post',
      '/v1/variants/{id}/stock': 'get post', '/v1/categories': 'get post', '/v1/categories/{id}': 'get patch delete',
      '/v1/carts': 'post', '/v1/carts/{id}': 'get delete', '/v1/carts/{id}/items': 'post', '/v1/carts/{id}/items/{item_id}': 'patch delete',
      '/v1/carts/{id}/claim': 'post', '/v1/me/cart': 'get', '/v1/orders': 'get post', '/v1/orders/{id}': 'get',
      '/v1/orders/{id}/process': 'post', '/v1/orders/{id}/ship': 'post', '/v1/orders/{id}/deliver': 'post',
      '/v1/orders/{id}/cancel': 'post', '/v1/orders/{id}/mark-paid': 'post',
    })) {
      for (const method of methods.split(' ')) assert.ok(paths[target]?.[method], `${method} ${target} is missing`);
    }
  });

  test('whatever carries an entity tag can be changed under If-Match', () => {
    const unguarded = [];
    for (const [target, methods] of Object.entries(shop.contract.document.paths)) {
      if (!methods.get?.responses['304']) continue;
      for (const method of ['put', 'patch', 'delete']) {
        const guarded = methods[method]?.parameters?.some(({ name }) => name === 'If-Match');
        if (methods[method] && !guarded) unguarded.push(`${method} ${target}`);
      }
    }
    assert.deepEqual(unguarded, []);
  });

  // Short by nature, and always whole: a tree, what one person has, what one order or cart knows.
  const whole = ['/v1/categories', '/v1/me/passkeys', '/v1/orders/{id}/payments', '/v1/carts/{id}/shipping-methods'];

  test('lists come in pages', () => {
    const { paths, components } = shop.contract.document;
    const resolve = (schema) => (schema?.$ref ? components.schemas[schema.$ref.split('/').at(-1)] : schema);
    const unpaged = Object.entries(paths).filter(([target, { get }]) => {
      const answer = resolve(get?.responses['200']?.content?.['application/json']?.schema);
      const names = get?.parameters?.map(({ name }) => name) ?? [];
      return answer?.properties?.next_cursor && !whole.includes(target) && !(names.includes('limit') && names.includes('cursor'));
    });
    assert.deepEqual(unpaged.map(([target]) => target), []);
  });

  test('staff lists are read page by page to their end', async () => {
    const token = await shop.signInAsAdmin();
    for (const [target, body] of [
      ['/v1/api-keys', (name) => ({ name, permissions: ['orders:read'] })],
      ['/v1/webhooks', (name) => ({ url: `https://shop.example/${name}`, events: ['order.placed'] })],
      ['/v1/search/synonyms', (name) => ({ words: [name, `${name}s`] })],
    ]) {
      const made = [];
      for (const name of ['one', 'two', 'three']) made.push((await shop.client.post(target, body(name), { token })).json.id);
      const seen = [];
      for (let cursor = ''; cursor !== null;) {
        const { status, json } = await shop.client.get(`${target}?limit=1${cursor}`, { token });
        assert.deepEqual([status, json.data.length], [200, 1], target);
        seen.push(json.data[0].id);
        assert.equal(json.has_more, json.next_cursor !== null);
        cursor = json.has_more ? `&cursor=${json.next_cursor}` : null;
      }
      assert.deepEqual(seen.sort(), made.sort(), target);
      const strange = (await shop.client.get('/v1/users?limit=1', { token })).json.next_cursor ?? 'x';
      assert.equal((await shop.client.get(`${target}?cursor=${strange}`, { token })).json.code, 'invalid_parameter');
    }
  });

  test('the docs work without the internet and without inline script', async () => {
    const page = await client.get('/docs');
    assert.match(page.headers['content-type'], /^text\/html/);
    assert.match(page.headers['content-security-policy'], /script-src 'self'/);
    assert.doesNotMatch(page.text, /<script>|https?:\/\/(?!127)/);
    const parts = [...page.text.matchAll(/(?:src|href)="(\/docs\/[^"]+)"/g)].map(([, part]) => part);
    assert.ok(parts.length >= 3);
    for (const part of parts) {
      const plain = await client.get(part);
      assert.equal(plain.status, 200, part);
      const packed = await client.get(part, { headers: { 'accept-encoding': 'gzip' } });
      assert.equal(packed.headers['content-encoding'], part.endsWith('start.js') ? packed.headers['content-encoding'] : 'gzip');
      assert.equal(packed.text, plain.text);
      const { status } = await client.get(part, { headers: { 'if-none-match': plain.headers.etag } });
      assert.equal(status, 304);
    }
    assert.equal((await client.get('/docs/../../etc/passwd')).status, 404);
  });

  test('every answer has the security headers and no version (SE-17)', async () => {
    for (const target of ['/v1/products', '/v1/nothing', '/healthz', '/docs', '/v1/me']) {
      const { headers } = await client.get(target);
      assert.equal(headers['x-content-type-options'], 'nosniff');
      const seconds = Number(/max-age=(\d+)/.exec(headers['strict-transport-security'])?.[1]);
      assert.ok(seconds >= 365 * 24 * 3600, headers['strict-transport-security']);
      assert.match(headers['content-security-policy'], /frame-ancestors 'none'/);
      assert.doesNotMatch(`${headers.server ?? ''}${headers['x-powered-by'] ?? ''}`, /\d/);
    }
  });

  test("what is a caller's own is stored nowhere (SE-17)", async () => {
    const ada = await shop.registerUser();
    for (const target of ['/v1/me', '/v1/me/addresses', '/v1/orders', `/v1/carts/${(await shop.openCart()).id}`]) {
      const { headers } = await client.get(target, { token: ada.access_token });
      assert.match(headers['cache-control'], /^(no-store|private, no-cache)$/, target);
    }
    const login = await client.post('/v1/auth/login', { email: ada.email, password });
    assert.match(login.headers['cache-control'], /no-store/);
  });

  test('CORS: the listed origins, exactly (SE-17)', async () => {
    const from = (origin, options = {}) => ({ headers: { origin, ...options } });
    const good = await client.get('/v1/products', from('https://shop.example'));
    assert.equal(good.headers['access-control-allow-origin'], 'https://shop.example');
    assert.match(good.headers.vary, /origin/i);
    for (const origin of ['https://evil.example', 'https://shop.example.evil.example', 'http://shop.example', 'null', 'https://SHOP.example']) {
      assert.equal((await client.get('/v1/products', from(origin))).headers['access-control-allow-origin'], undefined, origin);
    }
    const asks = { 'access-control-request-method': 'PATCH', 'access-control-request-headers': 'authorization,content-type' };
    const preflight = await client.call('OPTIONS', '/v1/me', from('https://admin.example', asks));
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers['access-control-allow-origin'], 'https://admin.example');
    assert.match(preflight.headers['access-control-allow-methods'], /PATCH/);
    assert.match(preflight.headers['access-control-allow-headers'], /authorization/i);
    const refused = await client.call('OPTIONS', '/v1/me', from('https://evil.example', asks));
    assert.equal(refused.headers['access-control-allow-origin'], undefined);
  });

  test('a refusal before the body is read may be read by the same origins, under the same request id', async () => {
    const headers = { origin: 'https://shop.example', 'x-request-id': 'upload-7' };
    const form = { ...headers, 'content-type': 'multipart/form-data; boundary=x' };
    for (const [target, body, sent, status] of [
      ['/v1/carts', Buffer.alloc(1024 * 1024 + 1, 0x20), headers, 413],
      [`/v1/products/prd_${'0'.repeat(26)}/images`, '--x--', form, 401],
    ]) {
      const refused = await client.post(target, body, { headers: sent });
      assert.equal(refused.status, status, refused.text);
      assert.equal(refused.headers['access-control-allow-origin'], 'https://shop.example', target);
      assert.deepEqual([refused.headers['x-request-id'], refused.json.request_id], ['upload-7', 'upload-7']);
    }
  });

  test('request ids: a sane one is kept, another is replaced', async () => {
    const idOf = async (id) => (await client.get('/healthz', { headers: { 'x-request-id': id } })).headers['x-request-id'];
    assert.equal(await idOf('checkout-7.a_B'), 'checkout-7.a_B');
    for (const id of ['x'.repeat(65), 'a b', 'a"b', '<script>']) assert.match(await idOf(id), /^req_[\w]+$/);
    const problem = await client.get('/v1/nothing', { headers: { 'x-request-id': 'mine' } });
    assert.equal(problem.json.request_id, 'mine');
    const [one, two] = [await client.get('/healthz'), await client.get('/healthz')];
    assert.notEqual(one.headers['x-request-id'], two.headers['x-request-id']);
  });

  test('the scheme of Authorization may be written in any case', async () => {
    const { access_token } = await shop.registerUser();
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
      assert.equal((await shop.client.get('/v1/me', { headers: { authorization: `${scheme} ${access_token}` } })).status, 200, scheme);
    }
    for (const other of ['Basic eDp5', 'Bearer', 'Bearerx', `Token ${access_token}`]) {
      const refused = await shop.client.get('/v1/me', { headers: { authorization: other } });
      assert.deepEqual([refused.status, refused.json.code, refused.headers['www-authenticate']], [401, 'unauthenticated', 'Bearer'], other);
    }
  });

  test('methods: 405 with Allow, HEAD like GET without a body, TRACE refused (SE-17)', async () => {
    const wrong = await client.call('PUT', '/v1/products');
    assert.deepEqual([wrong.status, wrong.json.code], [405, 'method_not_allowed']);
    assert.match(wrong.headers.allow, /GET.*POST/);
    const [get, head] = [await client.get('/v1/products'), await client.call('HEAD', '/v1/products')];
    assert.deepEqual([head.status, head.text, head.headers['content-length']], [200, '', get.headers['content-length']]);
    for (const method of ['TRACE', 'PROPFIND', 'BREW']) {
      const connection = await shop.connect();
      connection.send(`${method} /v1/products HTTP/1.1\r\nHost: x\r\nX-Secret: hush\r\n\r\n`);
      const answer = await connection.answer();
      assert.ok([400, 405, 501].includes(answer.status), `${method}: ${answer.status}`);
      assert.doesNotMatch(answer.body, /hush/);
      connection.end();
    }
  });

  test('gzip where it pays', async () => {
    for (let i = 0; i < 5; ++i) await shop.createProduct({ description: 'A mug that is a mug. '.repeat(50) });
    const plain = await client.get('/v1/products');
    const packed = await client.get('/v1/products', { headers: { 'accept-encoding': 'br;q=0.5, gzip' } });
    assert.equal(plain.headers['content-encoding'], undefined);
    assert.equal(packed.headers['content-encoding'], 'gzip');
    assert.deepEqual(gunzipSync(packed.received).toString(), plain.text);
    assert.match(packed.headers.vary, /accept-encoding/i);
    const refused = await client.get('/v1/products', { headers: { 'accept-encoding': 'gzip;q=0' } });
    assert.equal(refused.headers['content-encoding'], undefined);
    const small = await client.get('/healthz', { headers: { 'accept-encoding': 'gzip' } });
    assert.equal(small.headers['content-encoding'], undefined);
  });

  test('one server for each data folder: a second one says what to do, and waits for one that is just ending', async (t) => {
    const first = await TestShop.server();
    t.after(() => first.dispose());
    await first.start();
    const second = new ServerProcess(first.data, first.settings); // on a port of its own
    second.database = first.database;
    const refusal = await second.start().then(() => assert.fail('it started'), ({ message }) => message);
    assert.match(refusal, /"code":1/);
    assert.match(refusal, new RegExp(`Another server is running on the data folder ${first.data}\\. Stop it first, or .*--data FOLDER`));
    assert.equal(await first.command('health', '--listen', `127.0.0.1:${first.port}`), 'ready\n', 'the first goes on');
    assert.match(await first.command('migrate'), /up to date/, 'and commands run beside it');
    const neighbour = await TestShop.server();
    t.after(() => neighbour.dispose());
    neighbour.port = first.port;
    await assert.rejects(neighbour.start(), /Address already in use\. Choose another address with --listen/, 'another shop is not served under its address');

    const waiting = second.start();
    await eventually(() => filesOf(second.child).some((file) => file.endsWith('/serve.lock')), 'the second one at the lock');
    await first.kill9();
    await waiting;
    assert.deepEqual(await second.terminate(), { code: 0, signal: null });
  });

  test('the password of an admin is asked for twice, and not shown; a pipe gives it once', async () => {
    const typed = 'typed where nobody sees it';
    const create = (email, ...answers) => shop.server.dialogue(['admin', 'create', '--email', email], answers);
    const shown = await create('typist@example.com', typed, typed);
    assert.match(shown, /typist@example\.com is an admin now/);
    assert.ok(!shown.includes(typed), shown);
    assert.equal((await shop.signIn('typist@example.com', typed)).user.role, 'admin');
    const differing = await create('sloppy@example.com', typed, `${typed}!`).then(() => assert.fail('it went on'), ({ stdout }) => stdout);
    assert.match(differing, /The two passwords differ\. Nothing was changed/);

    const program = shop.server.commandUnder(['sh', '-c', 'echo "$0, as a pipe says" | "$@"', typed], 'admin', 'create', '--email', 'pipe@example.com');
    assert.match(await program, /pipe@example\.com is an admin now/);
    assert.equal((await shop.signIn('pipe@example.com', `${typed}, as a pipe says`)).user.role, 'admin');
  });

  test('the settings can be shown, secrets masked', async () => {
    shop.server.settings.secret = 'a secret that nobody may see, ever';
    const shown = await shop.server.command('config');
    delete shop.server.settings.secret;
    assert.match(shown, /KONTOR_LISTEN=/);
    assert.doesNotMatch(shown, /nobody may see/);
  });

  test('.env.example has every setting as the program knows it', async () => {
    const file = fileURLToPath(new URL('../../.env.example', import.meta.url));
    assert.equal(await readFile(file, 'utf8'), await shop.server.command('config', '--env-example'), 'kontor config --env-example > .env.example');
  });
});
