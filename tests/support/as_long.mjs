// Deeds that have to take equally long, or their time would tell something (SE-5).
import assert from 'node:assert/strict';

const tries_max = 3; // on a machine that is busy with something else
const slack_ms = 5;
const slack_part = 0.25;

const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];

// `deeds`: functions by their names; each is told how often all of it was tried before. Compares the medians of the time
// that they take by turns.
export async function takeAsLong(deeds, rounds) {
  let seen = '';
  for (let attempt = 0; attempt < tries_max; ++attempt) {
    const times = Object.fromEntries(Object.keys(deeds).map((what) => [what, []]));
    for (let round = 0; round < rounds; ++round) {
      for (const [what, deed] of Object.entries(deeds)) {
        const start = performance.now();
        await deed(attempt);
        times[what].push(performance.now() - start);
      }
    }
    const medians = Object.values(times).map(median);
    const [least, most] = [Math.min(...medians), Math.max(...medians)];
    if (most - least < Math.max(slack_ms, least * slack_part)) return;
    seen += ` ${Object.keys(times).map((what, i) => `${what} ${medians[i].toFixed(1)} ms`).join(', ')};`;
  }
  assert.fail(`medians:${seen}`);
}
