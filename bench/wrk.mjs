// Runs wrk and reads what it prints.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const script = fileURLToPath(new URL('lua/load.lua', import.meta.url));

const factor = { us: 0.001, ms: 1, s: 1000, m: 60_000 };
const ms = (text) => {
  if (!text) return undefined;
  const [, number, unit] = /([\d.]+)(us|ms|s|m)/.exec(text);
  return Number(number) * factor[unit];
};

// {rps, p50, p99 (ms), reads: {p50, p99} of the reads of a checkout, bad (answers that aren't 2xx or 3xx, and broken connections)}.
export async function wrk(url, words, { connections = 64, seconds = 5, threads = 2 } = {}) {
  const { stdout } = await run('wrk', [`-t${threads}`, `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '--latency',
    '-s', script, url, '--', ...words.map(String)]);
  const find = (pattern) => pattern.exec(stdout)?.[1];
  const broken = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(stdout)?.slice(1) ?? [];
  return {
    rps: Number(find(/Requests\/sec:\s+([\d.]+)/)),
    p50: ms(find(/^\s+50%\s+(\S+)/m)),
    p99: ms(find(/^\s+99%\s+(\S+)/m)),
    reads: { p50: ms(find(/^Reads: p50 (\S+)/m)), p99: ms(find(/^Reads: .*p99 (\S+)/m)) },
    bad: Number(find(/Non-2xx or 3xx responses: (\d+)/) ?? 0) + broken.reduce((sum, count) => sum + Number(count), 0),
  };
}

export const median = (values) => values.slice().sort((a, b) => a - b)[values.length >> 1];
