// Faults of the disk under a running program, by strace: the n-th call of a kind fails, or the program dies in it.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

// What changes a file: its bytes, its length, its name, and whether it is on the disk for good.
export const calls = ['pwrite64', 'write', 'fdatasync', 'fsync', 'ftruncate', 'rename', 'unlink'];

const quiet = ['-f', '-qq', '-o', '/dev/null'];

// Some containers forbid it.
export const canTrace = () => spawnSync('strace', [...quiet, 'true']).status === 0;

// The command before the program that makes it die in its n-th call of that kind. strace counts for each thread, and
// stands beside the program, not above it.
export const dyingIn = (call, n) => ['strace', '-D', ...quiet, '-e', `trace=${call}`, '-e', `inject=${call}:signal=SIGKILL:when=${n}`];

// Runs `work` with strace attached to the program and gives how often its busiest thread made each call.
export async function countCalls(pid, work) {
  const folder = await mkdtemp(path.join(tmpdir(), 'kontor-calls-'));
  try {
    const file = path.join(folder, 'calls');
    const detach = await attach(pid, ['-f', '-o', file, '-e', `trace=${calls.join()}`]);
    await work();
    await detach();
    return busiest(await readFile(file, 'utf8'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

// The same from the program's first moment on: {wrapper, counts()}.
export async function countingCalls() {
  const folder = await mkdtemp(path.join(tmpdir(), 'kontor-calls-'));
  const file = path.join(folder, 'calls');
  return {
    wrapper: ['strace', '-D', '-f', '-o', file, '-e', `trace=${calls.join()}`],
    counts: async () => {
      const text = await readFile(file, 'utf8');
      await rm(folder, { recursive: true, force: true });
      return busiest(text);
    },
  };
}

// `fault`: "signal=SIGKILL", "error=EIO", "error=ENOSPC"; `when`: "3" for the third call, "3+" for all from the third on.
// Gives the function that ends it.
export const inject = (pid, call, fault, when) => attach(pid, [...quiet.slice(0, 1), '-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${call}:${fault}:when=${when}`]);

async function attach(pid, words) {
  const strace = spawn('strace', ['-p', String(pid), ...words], { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(strace, 'exit');
  let said = '';
  await new Promise((resolve, reject) => {
    strace.stderr.setEncoding('utf8').on('data', (text) => {
      said += text;
      if (/attached/.test(said)) resolve();
    });
    strace.once('exit', () => reject(new Error(`strace: ${said}`)));
  });
  return async () => {
    if (strace.exitCode === null) strace.kill('SIGINT');
    // Where its program was killed meanwhile, strace sometimes waits for a thread that is never told to it.
    const stuck = setTimeout(() => strace.kill('SIGKILL'), 2000);
    await exited;
    clearTimeout(stuck);
  };
}

function busiest(trace) {
  const perThread = new Map();
  for (const [, thread, call] of trace.matchAll(/^(\d+)\s+(\w+)\(/gm)) {
    const key = `${thread} ${call}`;
    perThread.set(key, (perThread.get(key) ?? 0) + 1);
  }
  const most = {};
  for (const [key, count] of perThread) {
    const call = key.split(' ')[1];
    most[call] = Math.max(most[call] ?? 0, count);
  }
  return most;
}
