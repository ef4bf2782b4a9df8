// SPDX-License-Identifier: MIT
// The benchmark's routes on Node's own http module, a peer for tools/bench http.
//
//   node node_peer.js PORT
'use strict';
const http = require('node:http');

function send(response, type, body) {
  response.writeHead(200, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}

function withBody(request, then) {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => then(Buffer.concat(chunks)));
}

const server = http.createServer((request, response) => {
  const route = `${request.method} ${request.url}`;
  if (route === 'GET /plaintext') {
    send(response, 'text/plain; charset=utf-8', 'Hello, World!');
  } else if (route === 'GET /json') {
    send(response, 'application/json', JSON.stringify({ message: 'Hello, World!' }));
  } else if (route.startsWith('GET /users/')) {
    send(response, 'application/json', JSON.stringify({ id: decodeURIComponent(request.url.slice(7)) }));
  } else if (route === 'POST /echo') {
    withBody(request, (body) => send(response, request.headers['content-type'], body));
  } else if (route === 'POST /json') {
    withBody(request, (body) => send(response, 'application/json', JSON.stringify(JSON.parse(body))));
  } else {
    response.writeHead(404).end();
  }
});

process.on('SIGTERM', () => process.exit(0));
server.listen(Number(process.argv[2]), '127.0.0.1');
