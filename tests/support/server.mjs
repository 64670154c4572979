// The program under test as a process: started on a port of its own over a fresh place for its data, on either engine,
// killed, stopped and started again.
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const output_bytes_max = 64 << 20; // of a query over all that a long test did
const program = process.env.KONTOR_BIN ?? fileURLToPath(new URL('../../build/release/kontor', import.meta.url));

// How much longer than a release build a sanitized one may take.
export const patience = /\/(asan|tsan|dev)\/kontor$/.test(program) ? 10 : 1;
// What memory may seem to grow by besides: AddressSanitizer holds back 256 MB of what was freed, and ThreadSanitizer notes
// who touched what. How flat memory stays is for a release build to say.
export const sanitizer_bytes = /\/(asan|tsan)\/kontor$/.test(program) ? 256 << 20 : 0;
const crashes = ['SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGFPE'];
export const engine = process.env.KONTOR_TEST_ENGINE || 'sqlite';

export class ServerProcess {
  // `settings`: KONTOR_… without the prefix, in lower case: { io_threads: 2 }.
  // `database`: a URL, if there is one already.
  static async create({ settings = {}, database } = {}) {
    const data = await mkdtemp(path.join(tmpdir(), 'kontor-test-'));
    // Tests order, register and forget passwords without pause under few addresses; those of the limits set them.
    const unlimited = { orders_per_hour_max: 0, address_registrations_max: 0, address_letters_max: 0 };
    const server = new ServerProcess(data, { ...unlimited, ...settings });
    if (database) server.database = database;
    else if (engine === 'postgres') await server.#createDatabase();
    return server;
  }

  // Another node of the same shop, on PostgreSQL: a process, a port and a data folder of its own; the database and the
  // pictures are shared. Both need the same setting `secret`.
  async createNode() {
    const data = await mkdtemp(path.join(tmpdir(), 'kontor-test-'));
    for (const folder of ['media', 'chat']) {
      await mkdir(path.join(this.data, folder), { recursive: true });
      await symlink(path.join(this.data, folder), path.join(data, folder));
    }
    const node = new ServerProcess(data, this.settings);
    node.database = this.database;
    return node;
  }

  constructor(data, settings) {
    this.data = data;
    this.settings = settings;
    this.port = 0;
    this.log = [];
    this.child = null;
    this.database = null; // a URL, on PostgreSQL
    this.name = null; // of the database, if it goes with this server
    this.wrapper = []; // a command that runs the program's, as strace does
    this.program = program; // of another version, where a test is about that
    this.passed = []; // file descriptors that it gets, from 3 on
  }

  // Starts it and waits until it says that it listens. After the first time the port stays.
  async start() {
    this.stdoutRest = '';
    const [command, ...words] = [...this.wrapper, this.program, 'serve', '--listen', `127.0.0.1:${this.port}`, ...this.#place()];
    const child = spawn(command, words, {
      cwd: this.data,
      env: this.#environment(),
      stdio: ['ignore', 'pipe', 'pipe', ...this.passed],
    });
    this.child = child;
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
      child.once('error', (error) => resolve({ error: error.message })); // there is no such program
    });
    child.stderr.setEncoding('utf8').on('data', (text) => this.#keep(text));
    const listening = new Promise((resolve) => {
      child.stdout.setEncoding('utf8').on('data', (text) => {
        this.#keep(text);
        const found = /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(this.stdoutRest += text);
        if (found) resolve(Number(found[1]));
      });
    });
    const outcome = await Promise.race([listening, this.exited, expire(30_000)]);
    if (typeof outcome !== 'number') {
      throw new Error(`kontor did not start (${JSON.stringify(outcome)}):\n${this.log.join('')}`);
    }
    this.port = outcome;
  }

  // One of the program's other commands, on the same data.
  async command(...words) {
    return this.commandUnder([], ...words);
  }

  // The same under a command that runs the program's, as one that sets its clock.
  async commandUnder(wrapper, ...words) {
    const [command, ...rest] = [...wrapper, program, ...words, ...this.#place()];
    const { stdout } = await run(command, rest, { cwd: this.data, env: this.#environment() });
    return stdout;
  }

  // Starts a command and kills it after so long; false if it was quicker.
  async kill9Command(after_ms, ...words) {
    const child = spawn(program, [...words, ...this.#place()], { cwd: this.data, env: this.#environment(), stdio: 'ignore' });
    const timer = setTimeout(() => child.kill('SIGKILL'), after_ms);
    const [, signal] = await once(child, 'exit');
    clearTimeout(timer);
    return signal === 'SIGKILL';
  }

  // The same on a terminal of its own (script of util-linux): all that stands on it in the end.
  async commandOnTerminal(...words) {
    return this.dialogue(words, []);
  }

  // And somebody types a line of `answers` each time that the program asks.
  async dialogue(words, answers) {
    const line = [program, ...words, ...this.#place()].map((word) => `'${word}'`).join(' ');
    const work = run('script', ['-qec', line, '/dev/null'], { cwd: this.data, env: this.#environment() });
    const { stdin, stdout } = work.child;
    const waiting = [...answers];
    stdout.on('data', (text) => {
      if (/: $/.test(text) && waiting.length > 0) stdin.write(`${waiting.shift()}\n`);
    });
    return (await work).stdout;
  }

  // Throws if it had ended by itself before: the kill would hide a crash, and what a sanitizer found.
  async kill9() {
    this.child.kill('SIGKILL');
    const { code, signal } = await this.exited;
    if (signal !== 'SIGKILL') throw new Error(`kontor had ended by itself (${JSON.stringify({ code, signal })}):\n${this.log.join('')}`);
  }

  // Asks it to end and says how it did: {code, signal}.
  async terminate() {
    this.child.kill('SIGTERM');
    return Promise.race([this.exited, expire(30_000)]);
  }

  // Runs SQL on its database beside it, as an operator would, and gives what it prints.
  async sql(text) {
    if (this.database) return psql(this.database, '-At', '-c', text);
    const { stdout } = await run('sqlite3', ['-bail', '-cmd', '.timeout 10000', path.join(this.data, 'kontor.db'), text], { maxBuffer: output_bytes_max });
    return stdout.trim();
  }

  // The same on PostgreSQL, from outside its database.
  async sqlOfServer(text) {
    return psql(testServer(), '-At', '-c', text);
  }

  // A session of psql that stays: run(sql) gives what it prints, end() closes it.
  async openSession() {
    const child = spawn('psql', ['-X', '-q', '-At', '-v', 'ON_ERROR_STOP=1', '-d', this.database], { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    let printed = '';
    let look = () => {};
    child.stdout.setEncoding('utf8').on('data', (text) => look(printed += text));
    const run = async (sql) => {
      printed = '';
      const done = new Promise((resolve, reject) => {
        look = () => printed.endsWith('that is all\n') && resolve();
        ended.then(() => reject(new Error(`psql ended: ${printed}`)));
      });
      child.stdin.write(`${sql};\n\\echo that is all\n`);
      await done;
      return printed.slice(0, -'that is all\n'.length).trim();
    };
    const end = async () => {
      child.stdin.end();
      await ended;
    };
    return { run, end };
  }

  // Lets nobody write to that table (SQLite: to any) until the function that it gives is called: what the program has
  // decided can't be committed meanwhile.
  async holdWrites(table) {
    const sqlite = ['sqlite3', [path.join(this.data, 'kontor.db')], ".timeout 10000\nbegin immediate;\nselect 'held';\n"];
    const postgres = ['psql', ['-X', '-q', '-At', '-d', this.database], `begin; lock table ${table} in exclusive mode; select 'held';\n`];
    const [holder, words, begin] = this.database ? postgres : sqlite;
    const child = spawn(holder, words, { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.stdin.write(begin);
    await new Promise((resolve, reject) => {
      child.stdout.on('data', (text) => String(text).includes('held') && resolve());
      child.once('exit', () => reject(new Error(`${holder} could not hold ${table}`)));
    });
    return async () => {
      child.stdin.end('rollback;\n');
      await ended;
    };
  }

  async resident_bytes() {
    const status = await readFile(`/proc/${this.child.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)[1]) * 1024;
  }

  // Throws if it had crashed, or a sanitizer found something.
  async dispose() {
    if (this.child && this.child.exitCode === null && this.child.signalCode === null) await this.kill9();
    if (this.name) await psql(testServer(), '-c', `drop database if exists ${this.name} with (force)`);
    await rm(this.data, { recursive: true, force: true });
    const said = this.log.join('');
    if (crashes.includes(this.child?.signalCode) || /Sanitizer: /.test(said)) throw new Error(`kontor crashed (${this.child.signalCode}):\n${said}`);
  }

  #place() {
    return ['--data', this.data, ...(this.database ? ['--database', this.database] : [])];
  }

  #environment() {
    const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('KONTOR_'));
    const ours = Object.entries(this.settings).map(([name, value]) => [`KONTOR_${name.toUpperCase()}`, String(value)]);
    return Object.fromEntries([...kept, ...ours]);
  }

  #keep(text) {
    this.log.push(text);
    if (this.log.length > 2000) this.log.splice(0, 1000);
  }

  async #createDatabase() {
    this.name = `kontor_api_${randomBytes(6).toString('hex')}`;
    // Sorted as people do, not byte by byte: as databases are where nobody asked for anything else.
    await psql(testServer(), '-c', `create database ${this.name} template template0 locale_provider icu icu_locale 'en'`);
    const [, server, , parameters = ''] = /^(postgres(?:ql)?:\/\/[^/?]*)(\/[^?]*)?(\?.*)?$/.exec(testServer());
    this.database = `${server}/${this.name}${parameters}`;
  }
}

function testServer() {
  if (!process.env.KONTOR_TEST_POSTGRES) throw new Error('KONTOR_TEST_POSTGRES is not set: run this through ./dev test');
  return process.env.KONTOR_TEST_POSTGRES;
}

async function psql(database, ...words) {
  const { stdout } = await run('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', database, ...words], { maxBuffer: output_bytes_max });
  return stdout.trim();
}

function expire(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms, { after_ms: ms }).unref());
}
