// ./dev bench login-flood: what readers of the catalogue feel while 64 connections guess passwords as fast as they can
// (SE-4). The guesses are of as many accounts as there are guesses, and the limit of an address is off, so that all that
// stands between the flood and the processor is the hashing queue and the priority of its threads.
import { mkdir, rm } from 'node:fs/promises';
import { fillShop } from './prepare.mjs';
import { Kontor } from './sides.mjs';
import { median, wrk } from './wrk.mjs';

const readers = 16;
const guessers = 64;
const products = 200;

export async function loginFlood(folder, { rounds, seconds }) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const shop = new Kontor('Kontor, sqlite', folder);
  shop.flags = ['--address-failures-max', '0'];
  const read = () => wrk(shop.url, ['paced', shop.folder, 'product.txt'], { connections: readers, seconds, threads: 1 });
  const [calm, flooded, floods] = [[], [], []];
  try {
    await fillShop(shop, products);
    await read(); // warm
    for (let round = 0; round < rounds; ++round) {
      calm.push(await read());
      const flood = wrk(shop.url, ['guess', shop.folder], { connections: guessers, seconds: seconds + 2, threads: 1 });
      await new Promise((resolve) => setTimeout(resolve, 1000));
      flooded.push(await read());
      floods.push(await flood);
      console.error(`round ${round + 1}: p99 ${calm.at(-1).p99} ms calm, ${flooded.at(-1).p99} ms under ${Math.round(floods.at(-1).rps)} guesses a second`);
    }
  } finally {
    await shop.stop();
  }
  const of = (results, name) => median(results.map((result) => result[name]));
  const bad = flooded.reduce((sum, result) => sum + result.bad, 0);
  console.log(`product read by ${readers} readers, one in 10 ms each, medians of ${rounds} rounds of ${seconds} s`);
  console.log(`calm            p50 ${of(calm, 'p50').toFixed(2)}  p99 ${of(calm, 'p99').toFixed(2)} ms`);
  console.log(`under the flood p50 ${of(flooded, 'p50').toFixed(2)}  p99 ${of(flooded, 'p99').toFixed(2)} ms  ${bad} refused`);
  console.log(`guesses answered ${Math.round(of(floods, 'rps'))}/s; p99 = ${(of(flooded, 'p99') / of(calm, 'p99')).toFixed(2)} × calm (wanted: ≤ 2)`);
}
