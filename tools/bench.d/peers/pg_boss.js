// SPDX-License-Identifier: MIT
// pg-boss: each job is sent by a transaction of its own. It takes and completes jobs by the batch, and fetches on at
// once while the batches are full. Its notifications are off, as by default: with them it stores a fraction, since
// PostgreSQL commits transactions that notify one after the other.
'use strict';
const { PgBoss } = require('pg-boss');
const postgres = require('./postgres.js');

const WORKERS = 4;
const BATCH = 64;
const QUEUE = 'trivial';

async function start(address, connections) {
  const boss = new PgBoss(postgres.options(address, connections));
  boss.on('error', postgres.fail);
  await boss.start();
  return boss;
}

exports.open = async (address) => {
  const boss = await start(address, postgres.CONNECTIONS);
  await boss.createQueue(QUEUE);
  return {
    enqueue: (payload) => boss.send(QUEUE, payload),
    unfinished: async () => {
      const found = await boss.getDb().executeSql(
        "SELECT EXISTS (SELECT FROM pgboss.job WHERE state < 'completed') AS any");
      return found.rows[0].any;
    },
  };
};

exports.work = async (address) => {
  const boss = await start(address, WORKERS + 2);
  const fetching = { batchSize: BATCH, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 };
  await boss.work(QUEUE, { localConcurrency: WORKERS, ...fetching }, async () => {});
};
