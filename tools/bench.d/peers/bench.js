// SPDX-License-Identifier: MIT
// Durable jobs a second of another job queue, for tools/bench jobs --peers.
//
//   node bench.js PEER enqueue|cycle ADDRESS BODY SECONDS [VARIANT]    prints {"rate": ...}
//   node bench.js PEER work ADDRESS VARIANT                            the workers of a cycle, started by it
//
// `enqueue`: so many producers in this process, each storing a job at a time, and nobody runs them. `cycle`: workers in
// a second process, as Node runs on one core, and the last job is finished when the time ends. A peer is a module with
//   open(address)           -> { enqueue(payload), unfinished() }    in a store made anew; unfinished: are there jobs
//   work(address, variant)                                           runs trivial handlers from then on
'use strict';
const { fork } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const { setTimeout: sleep } = require('node:timers/promises');

const PRODUCERS = 64;
const WARM_UP_SECONDS = 1;

async function produce(store, payload, seconds) {
  const end = performance.now() + seconds * 1e3;
  let jobs = 0;
  await Promise.all(Array.from({ length: PRODUCERS }, async () => {
    while (performance.now() < end) {
      await store.enqueue(payload);
      ++jobs;
    }
  }));
  return jobs;
}

async function measure(store, payload, seconds, isCycle) {
  const begin = performance.now();
  const jobs = await produce(store, payload, seconds);
  while (isCycle && (await store.unfinished())) await sleep(5);
  return jobs / ((performance.now() - begin) / 1e3);
}

async function startWorkers(words) {
  const child = fork(__filename, words);
  const [message] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
  if (message !== 'ready') throw new Error('the workers did not start');
  const died = () => process.exit(1);
  child.once('exit', died);
  return async () => {
    child.off('exit', died);
    child.disconnect();
    await once(child, 'exit');
  };
}

async function main([name, mode, address, ...rest]) {
  const peer = require(`./${name}.js`);
  if (mode === 'work') {
    process.on('disconnect', () => process.exit(0)); // Whoever started this has ended.
    await peer.work(address, rest[0]);
    process.send('ready');
    return;
  }
  const [body, seconds, variant = ''] = rest;
  const payload = JSON.parse(fs.readFileSync(body, 'utf8'));
  const store = await peer.open(address);
  const isCycle = mode === 'cycle';
  const stopWorkers = isCycle ? await startWorkers([name, 'work', address, variant]) : async () => {};
  await measure(store, payload, WARM_UP_SECONDS, isCycle);
  const rate = await measure(store, payload, Number(seconds), isCycle);
  await stopWorkers();
  process.stdout.write(`${JSON.stringify({ rate })}\n`, () => process.exit(0));
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
