// SPDX-License-Identifier: MIT
// A client that is made from the quickstart's OpenAPI document: that it compiles says that the document's types are
// what its answers have; running it calls every route that the document knows.
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Book = components["schemas"]["Book"];

const [address, documented] = process.argv.slice(2);
assert(address && documented, "usage: client.js ADDRESS OPERATIONS");

const called = new Set<string>();
const client = createClient<paths>({ baseUrl: address });
client.use({
  onRequest({ request, schemaPath }) {
    called.add(`${request.method.toLowerCase()} ${schemaPath}`);
    return undefined;
  },
});

async function callLanes() {
  const root = await client.GET("/", { parseAs: "text" });
  assert.match(root.data ?? "", /Weir is running/);

  const hello = await client.GET("/hello/{name}", { params: { path: { name: "Ada Lovelace/1815" } } });
  assert.deepEqual(hello.data, { hello: "Ada Lovelace/1815" });

  const primes = await client.GET("/primes/{limit}", { params: { path: { limit: 100 } } });
  assert.deepEqual(primes.data, { limit: 100, primes: 25 });

  const patient = await client.GET("/patient-primes/{limit}", { params: { path: { limit: 10 } } });
  assert.deepEqual(patient.data, { limit: 10, primes: 4 });

  const tooMany = await client.GET("/primes/{limit}", { params: { path: { limit: 100_001 } } });
  assert.equal(tooMany.response.status, 422);
  assert.equal(tooMany.error?.errors?.[0]?.name, "limit");

  const countdown = await client.GET("/countdown", { parseAs: "text" });
  assert.equal(countdown.response.headers.get("content-type"), "text/event-stream");
  assert.match(String(countdown.data), /event: tick\ndata: 3\n/);

  const echo = await client.POST("/echo", {
    body: "bytes",
    bodySerializer: (body) => body,
    headers: { "Content-Type": "application/octet-stream" },
    parseAs: "text",
  });
  assert.equal(echo.data, "bytes");
}

async function callLibrary() {
  const created = await client.POST("/books", {
    body: { title: "Moby-Dick", pages: 635, authors: ["Herman Melville"] },
  });
  assert.equal(created.response.status, 201);
  const book: Book | undefined = created.data;
  assert(book);
  assert.equal(book.about.genre, "novel");
  assert.equal(created.response.headers.get("location"), `/books/${book.id}`);

  const found = await client.GET("/books/{id}", { params: { path: { id: book.id } } });
  assert.deepEqual(found.data, book);

  const list = await client.GET("/books", { params: { query: { genre: "novel", limit: 5 } } });
  assert.deepEqual(list.data, [book]);

  const refused = await client.POST("/books", { body: { title: "", pages: 0, authors: [] } });
  assert.equal(refused.response.status, 422);
  const wrong = refused.error?.errors?.map((failure) => failure.pointer);
  assert.deepEqual(wrong?.sort(), ["/authors", "/pages", "/title"]);

  const removed = await client.DELETE("/books/{id}", { params: { path: { id: book.id } } });
  assert.equal(removed.response.status, 204);
  const missing = await client.GET("/books/{id}", { params: { path: { id: book.id } } });
  assert.equal(missing.response.status, 404);
  assert.equal(missing.error?.status, 404);
}

async function callSession() {
  const login = await client.POST("/login", {
    body: { user: "ada" },
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
  });
  assert.equal(login.response.status, 204);
  const cookie = login.response.headers.get("set-cookie")?.split(";")[0] ?? "";

  const me = await client.GET("/me", {
    params: { cookie: { user: "ada" }, header: { "User-Agent": "client" } },
    headers: { Cookie: cookie },
  });
  assert.deepEqual(me.data, { user: "ada", agent: "client" });
}

async function callReports() {
  const accepted = await client.POST("/reports", { body: { title: "Weirs", pages: 3 } });
  assert.equal(accepted.response.status, 202);
  const id = accepted.data?.id;
  assert(id);
  assert.equal(accepted.response.headers.get("location"), `/jobs/${id}`);
  const params = { path: { id } };

  const done = await client.GET("/jobs/{id}", { params, headers: { Prefer: "wait=20" } });
  assert.equal(done.data?.status, "succeeded");
  assert.deepEqual(done.data?.result, { title: "Weirs", pages: 3, primes: 3021 });

  const events = await client.GET("/jobs/{id}/events", { params, parseAs: "text" });
  assert.match(String(events.data), /event: final\n/);

  const late = await client.DELETE("/jobs/{id}", { params });
  assert.equal(late.response.status, 409);
  assert.match(late.error?.type ?? "", /job-already-final/);
}

await callLanes();
await callLibrary();
await callSession();
await callReports();
const missed = documented.split("\n").filter((operation) => !called.has(operation));
assert.deepEqual(missed, [], "operations of the document that this client does not call");
console.log(`called ${called.size} operations`);
