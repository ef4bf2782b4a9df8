// SPDX-License-Identifier: MIT
// How the peers on PostgreSQL reach it.
'use strict';

exports.CONNECTIONS = 20; // For 64 producers in one process: with 64, two cores only do more switching and store less.

exports.options = (address, connections) => ({ host: address, user: 'postgres', database: 'bench', max: connections });

exports.fail = (error) => {
  console.error(error);
  process.exit(1);
};
