// SPDX-License-Identifier: MIT
// graphile-worker: each job is added by a transaction of its own. It notifies the workers, and PostgreSQL commits
// transactions that notify one after the other. The variant `prefetch` takes jobs by the batch into its local queue and
// completes them by the batch.
'use strict';
const { Logger, makeWorkerUtils, run } = require('graphile-worker');
const { Pool } = require('pg');
const postgres = require('./postgres.js');

const CONCURRENCY = 24;
const silent = new Logger(() => () => {});

function connect(address, connections) {
  const pool = new Pool(postgres.options(address, connections));
  pool.on('error', postgres.fail);
  pool.on('connect', (client) => client.on('error', postgres.fail));
  return pool;
}

exports.open = async (address) => {
  const pgPool = connect(address, postgres.CONNECTIONS);
  const utils = await makeWorkerUtils({ pgPool, logger: silent });
  await utils.migrate();
  return {
    enqueue: (payload) => utils.addJob('trivial', payload),
    unfinished: async () => {
      const found = await pgPool.query('SELECT EXISTS (SELECT FROM graphile_worker._private_jobs) AS any');
      return found.rows[0].any;
    },
  };
};

exports.work = async (address, variant) => {
  const batches = { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 };
  const worker = { concurrentJobs: CONCURRENCY, ...(variant === 'prefetch' ? batches : {}) };
  const pgPool = connect(address, CONCURRENCY + 2);
  const taskList = { trivial: async () => {} };
  await run({ pgPool, logger: silent, taskList, noHandleSignals: true, preset: { worker } });
};
