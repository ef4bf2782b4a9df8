// SPDX-License-Identifier: MIT
// BullMQ: each job is added by a call of its own; Redis synchronises what came in one turn of its loop together.
'use strict';
const { Queue, Worker } = require('bullmq');

const CONCURRENCY = 64;
const QUEUE = 'trivial';

exports.open = async (address) => {
  const queue = new Queue(QUEUE, { connection: { path: address } });
  await queue.waitUntilReady();
  return {
    enqueue: (payload) => queue.add('trivial', payload),
    unfinished: async () => (await queue.getJobCountByTypes('wait', 'active', 'delayed', 'prioritized')) > 0,
  };
};

exports.work = async (address) => {
  const connection = { path: address, maxRetriesPerRequest: null };
  const worker = new Worker(QUEUE, async () => {}, { connection, concurrency: CONCURRENCY });
  await worker.waitUntilReady();
};
