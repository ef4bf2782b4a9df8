// SPDX-License-Identifier: MIT
#include <weir/routing/openapi/docs_page.hpp>

namespace weir::routing {

std::string_view docs_page_html() {
  return R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/style.css">
<script src="docs/script.js" defer></script>
</head>
<body>
<noscript><p>This page needs JavaScript. The document is at <a href="openapi.json">openapi.json</a>.</p></noscript>
<header id="about"></header>
<main id="content"><p id="state" role="status">Loading the document …</p></main>
</body>
</html>
)html";
}

std::string_view docs_page_style() {
  return R"css(:root {
  color-scheme: light dark;
  --ground: #fff; --raised: #f6f7f9; --text: #1b1f24; --dim: #57606a; --line: #d0d7de; --link: #0550ae;
  --get: #0a5c9e; --post: #1a6b34; --put: #8a4b00; --patch: #6b4a9e; --delete: #b3261e; --other: #4b5563;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0f1318; --raised: #181d24; --text: #e6e9ed; --dim: #9aa4af; --line: #323a44; --link: #79b8ff;
    --get: #79b8ff; --post: #7ee2a0; --put: #f0b35e; --patch: #c9aaff; --delete: #ff9b93; --other: #b6c0cb;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 62rem; background: var(--ground); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.75rem; margin: 0 0 .25rem; }
h2 { font-size: 1.25rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 .35rem; }
h4 { font-size: .95rem; margin: .75rem 0 .25rem; }
p { margin: .25rem 0 .5rem; }
a { color: var(--link); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
code, pre, .path { font-family: ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; font-size: .9em; }
pre { margin: .25rem 0; padding: .75rem; white-space: pre-wrap; overflow-wrap: anywhere; background: var(--raised);
  border: 1px solid var(--line); border-radius: 6px; }
.text { white-space: pre-line; }
.dim { color: var(--dim); }
label { display: block; margin-top: 1rem; }
input { width: 100%; padding: .5rem .65rem; font: inherit; color: inherit; background: var(--ground);
  border: 1px solid var(--line); border-radius: 6px; }
button { font: inherit; font-size: .85rem; padding: .2rem .7rem; color: inherit; background: var(--raised);
  border: 1px solid var(--line); border-radius: 6px; cursor: pointer; }
details { margin: .5rem 0; border: 1px solid var(--line); border-radius: 6px; }
details > summary { padding: .5rem .75rem; cursor: pointer; background: var(--raised); border-radius: 6px; }
details > div { padding: .25rem .75rem .75rem; }
.method { display: inline-block; min-width: 4.5rem; font-weight: 700; color: var(--other); }
.method-get { color: var(--get); } .method-post { color: var(--post); } .method-put { color: var(--put); }
.method-patch { color: var(--patch); } .method-delete { color: var(--delete); }
.old .path { text-decoration: line-through; }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: .35rem .5rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { font-weight: 600; }
thead th { font-size: .85rem; color: var(--dim); }
ul.members { margin: .25rem 0; padding-left: 1.1rem; list-style: none; border-left: 2px solid var(--line); }
ul.members > li { margin: .3rem 0; }
.must { color: var(--delete); }
@media print { details > div { display: block; } input, label, button { display: none; } }
)css";
}

std::string_view docs_page_script() {
  return R"js("use strict";
// Whatever comes from the document becomes text nodes, never markup.

const METHODS = ["get", "post", "put", "patch", "delete", "head", "options", "trace"];
let api = {};

function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false && child !== "") element.append(child);
  }
  return element;
}

function resolve(node) {
  for (let hops = 0; node && typeof node.$ref === "string" && hops < 8; ++hops) {
    const steps = node.$ref.replace(/^#\//, "").split("/").map((step) => step.replace(/~1/g, "/").replace(/~0/g, "~"));
    node = steps.reduce((at, step) => (at && Object.hasOwn(at, step) ? at[step] : undefined), api);
  }
  return node || {};
}

function nameOf(schema) {
  const reference = schema && schema.$ref;
  return typeof reference === "string" ? reference.slice(reference.lastIndexOf("/") + 1) : "";
}

// ---- schemas ----

function typeOf(schema) {
  if (schema === true || !schema || Object.keys(schema).length === 0) return ["any JSON"];
  const name = nameOf(schema);
  if (name) return [h("a", { href: "#schema-" + encodeURIComponent(name) }, name)];
  const several = schema.oneOf || schema.anyOf;
  if (several) return several.map((one, i) => [i ? " or " : "", typeOf(one)]);
  if (schema.const !== undefined) return [h("code", {}, JSON.stringify(schema.const))];
  if (schema.enum) return schema.enum.map((one, i) => [i ? " | " : "", h("code", {}, JSON.stringify(one))]);
  const types = [].concat(schema.type || "any JSON");
  return types.map((type, i) => {
    const lead = i ? " or " : "";
    if (type === "array") return [lead, "list of ", typeOf(schema.items)];
    const isMap = type === "object" && schema.additionalProperties && !schema.properties;
    if (isMap) return [lead, "map of text to ", typeOf(schema.additionalProperties)];
    return [lead, type];
  });
}

function span(min, max, unit) {
  if (min === undefined && max === undefined) return "";
  if (min === max) return "exactly " + min + unit;
  if (max === undefined) return "at least " + min + unit;
  return min === undefined ? "at most " + max + unit : min + " to " + max + unit;
}

function boundsOf(schema) {
  if (!schema || typeof schema !== "object") return "";
  const isWide = Math.abs(schema.minimum) > 2 ** 53 || Math.abs(schema.maximum) > 2 ** 53;
  const parts = [
    schema.format,
    span(schema.minLength, schema.maxLength, " characters"),
    span(schema.minItems, schema.maxItems, " items"),
    span(schema.minProperties, schema.maxProperties, " entries"),
    isWide ? "" : span(schema.minimum, schema.maximum, ""),
    schema.multipleOf !== undefined && "a multiple of " + schema.multipleOf,
    schema.pattern !== undefined && "matches " + schema.pattern,
    schema.uniqueItems && "no two equal",
    schema.default !== undefined && "default " + JSON.stringify(schema.default),
    schema.examples && "for example " + schema.examples.map((one) => JSON.stringify(one)).join(", "),
  ];
  return parts.filter(Boolean).join("; ");
}

// The members of an object, or of those that a list holds. Those with a name are a link, but for the outermost.
function membersOf(schema, isOutermost) {
  if (!schema || typeof schema !== "object") return null;
  if (isOutermost && schema.$ref) return membersOf(resolve(schema));
  if (schema.items) return membersOf(schema.items, isOutermost);
  if (!schema.properties) return null;
  const required = schema.required || [];
  return h("ul", { class: "members" }, Object.entries(schema.properties).map(([name, member]) =>
    h("li", {}, h("code", {}, name), required.includes(name) ? h("span", { class: "must" }, " required") : "",
      " ", typeLine(member),
      member.deprecated ? h("strong", {}, " deprecated") : "",
      member.description ? h("div", { class: "text dim" }, member.description) : "", membersOf(member))));
}

function typeLine(schema) {
  return [typeOf(schema), h("span", { class: "dim" }, boundsOf(schema) && " (" + boundsOf(schema) + ")")];
}

// ---- samples ----

function sampleNumber(schema) {
  const low = schema.minimum !== undefined ? Math.max(schema.minimum, 1) : 1;
  const value = schema.maximum !== undefined ? Math.min(low, schema.maximum) : low;
  return schema.multipleOf ? Math.ceil(value / schema.multipleOf) * schema.multipleOf : value;
}

const SAMPLES = { "date-time": "2026-01-31T12:00:00Z", date: "2026-01-31", duration: "PT1M30S",
  email: "ann@example.org", uuid: "123e4567-e89b-42d3-a456-426614174000", uri: "https://example.org/",
  hostname: "example.org", ipv4: "192.0.2.1", ipv6: "2001:db8::1" };

function sampleText(schema) {
  const text = SAMPLES[schema.format] || "text";
  return schema.minLength > text.length ? text.padEnd(Math.min(schema.minLength, 64), "x") : text;
}

function sampleOf(schema, depth = 0) {
  const given = schema && (schema.examples ? schema.examples[0] : schema.default);
  if (given !== undefined) return given;
  const whole = resolve(schema);
  if (whole !== schema && whole.examples) return whole.examples[0];
  if (whole.const !== undefined) return whole.const;
  if (whole.enum) return whole.enum[0];
  const several = whole.oneOf || whole.anyOf;
  if (several) return sampleOf(several[0], depth);
  switch ([].concat(whole.type)[0]) {
    case "boolean": return true;
    case "integer": case "number": return sampleNumber(whole);
    case "string": return sampleText(whole);
    case "array": {
      const count = depth > 4 ? 0 : Math.min(Math.max(whole.minItems || 0, 1), 4);
      return Array.from({ length: count }, () => sampleOf(whole.items, depth + 1));
    }
    case "object": {
      const wanted = Object.entries(whole.properties || {}).filter(([name]) =>
        depth < 2 || (whole.required || []).includes(name));
      return depth > 6 ? {} : Object.fromEntries(wanted.map(([name, one]) => [name, sampleOf(one, depth + 1)]));
    }
    default: return null;
  }
}

// ---- curl ----

function quote(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : "'" + text.replace(/'/g, "'\\''") + "'";
}
function plain(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function baseUrl() {
  const server = (api.servers && api.servers[0] && api.servers[0].url) || "/";
  try {
    return new URL(server, document.baseURI).href.replace(/\/$/, "");
  } catch {
    return server.replace(/\/$/, "");
  }
}

function contentWords(operation) {
  const [type, media] = Object.entries((operation.requestBody || {}).content || {})[0] || [];
  if (!type) return [];
  if (type === "application/x-www-form-urlencoded") {
    return Object.entries(sampleOf(media.schema) || {}).flatMap(([name, value]) =>
      [].concat(value).map((one) => "--data-urlencode " + quote(name + "=" + plain(one))));
  }
  if (type.startsWith("multipart/")) return ["-F file=@FILE"];
  if (!type.endsWith("json")) return ["-H " + quote("Content-Type: " + type), "--data-binary @FILE"];
  return ["-H " + quote("Content-Type: " + type), "-d " + quote(JSON.stringify(sampleOf(media.schema)))];
}

function securityWords(operation) {
  const wanted = operation.security || api.security || [];
  return wanted.length === 0 ? [] : Object.keys(wanted[0]).map((name) => {
    const scheme = ((api.components || {}).securitySchemes || {})[name] || {};
    if (scheme.type === "apiKey") return "-H \"" + scheme.name.replace(/["$`\\]/g, "") + ": $KEY\"";
    return scheme.scheme === "basic" ? "-u \"$USER:$PASSWORD\"" : "-H \"Authorization: Bearer $TOKEN\"";
  });
}

function curlOf(method, path, operation) {
  const wanted = (operation.parameters || []).filter((one) => one.required);
  const text = (one) => plain([].concat(sampleOf(one.schema))[0]);
  let url = path;
  const query = [];
  const words = method === "get" ? [] : method === "head" ? ["-I"] : ["-X " + method.toUpperCase()];
  for (const one of wanted) {
    if (one.in === "path") url = url.replace("{" + one.name + "}", () => encodeURIComponent(text(one)));
    if (one.in === "query") query.push(encodeURIComponent(one.name) + "=" + encodeURIComponent(text(one)));
    if (one.in === "header") words.push("-H " + quote(one.name + ": " + text(one)));
    if (one.in === "cookie") words.push("-b " + quote(one.name + "=" + text(one)));
  }
  const target = baseUrl() + url + (query.length ? "?" + query.join("&") : "");
  const all = [...words, ...securityWords(operation), ...contentWords(operation), quote(target)];
  return "curl " + all.join(" \\\n  ");
}

// ---- the page ----

function parametersTable(parameters) {
  const head = ["Name", "In", "Type", "Description"].map((text) => h("th", { scope: "col" }, text));
  const rows = parameters.map((one) => h("tr", {},
    h("th", { scope: "row" }, h("code", {}, one.name), one.required ? h("span", { class: "must" }, " required") : ""),
    h("td", {}, one.in), h("td", {}, typeOf(one.schema)),
    h("td", {}, one.description || "", h("div", { class: "dim" }, boundsOf(one.schema)))));
  return h("div", { class: "wide" }, h("table", {}, h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows)));
}

function contentBlock(content) {
  return Object.entries(content || {}).map(([type, media]) =>
    h("div", {}, h("p", {}, h("code", {}, type), " ", media.schema ? typeLine(media.schema) : ""),
      type === "application/problem+json" ? "" : membersOf(media.schema, true)));
}

function responsesBlock(responses) {
  return Object.entries(responses || {}).map(([status, reference]) => {
    const response = resolve(reference);
    const headers = Object.entries(response.headers || {}).map(([name, header]) =>
      h("p", {}, h("code", {}, name), " ", header.description || ""));
    return h("div", {}, h("h4", {}, status, " ", h("span", { class: "dim" }, response.description || "")), headers,
      contentBlock(response.content));
  });
}

function securityLine(operation) {
  const wanted = operation.security || api.security || [];
  if (wanted.length === 0) return null;
  return h("p", {}, "Needs ", wanted.map((one, i) => [i ? " or " : "", h("code", {}, Object.keys(one).join(" and "))]));
}

function curlBlock(line) {
  const button = h("button", { type: "button" }, "Copy");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(line);
    button.textContent = "Copied";
  });
  return [h("h3", {}, "curl ", navigator.clipboard ? button : ""), h("pre", { tabindex: "0" }, h("code", {}, line))];
}

function operationBlock(method, path, operation) {
  const parameters = operation.parameters || [];
  const summary = operation.summary === method.toUpperCase() + " " + path ? "" : operation.summary;
  return h("details", { id: operation.operationId, class: operation.deprecated ? "old" : undefined },
    h("summary", {}, h("span", { class: "method method-" + method }, method.toUpperCase()), " ",
      h("span", { class: "path" }, path), " ", h("span", { class: "dim" }, summary || "")),
    h("div", {}, operation.deprecated ? h("p", {}, h("strong", {}, "Deprecated.")) : "",
      operation.description ? h("p", { class: "text" }, operation.description) : "", securityLine(operation),
      parameters.length ? [h("h3", {}, "Parameters"), parametersTable(parameters)] : "",
      operation.requestBody ? [h("h3", {}, "Content"), contentBlock(operation.requestBody.content)] : "",
      h("h3", {}, "Answers"), responsesBlock(operation.responses), curlBlock(curlOf(method, path, operation))));
}

function operationsByTag() {
  const groups = new Map((api.tags || []).map((tag) => [tag.name, { text: tag.description, blocks: [] }]));
  for (const [path, item] of Object.entries(api.paths || {})) {
    for (const method of METHODS.filter((one) => item[one])) {
      const tag = (item[method].tags || ["Operations"])[0];
      if (!groups.has(tag)) groups.set(tag, { blocks: [] });
      groups.get(tag).blocks.push(operationBlock(method, path, item[method]));
    }
  }
  return [...groups].filter(([, group]) => group.blocks.length).map(([name, group]) =>
    h("section", {}, h("h2", {}, name), group.text ? h("p", { class: "text" }, group.text) : "", group.blocks));
}

function schemasSection() {
  const schemas = Object.entries((api.components || {}).schemas || {});
  if (schemas.length === 0) return null;
  return h("section", {}, h("h2", {}, "Schemas"), schemas.map(([name, schema]) =>
    h("details", { id: "schema-" + name }, h("summary", {}, h("span", { class: "path" }, name)),
      h("div", {}, schema.description ? h("p", { class: "text" }, schema.description) : "",
        h("p", {}, typeLine(schema)), membersOf(schema)))));
}

function about() {
  const info = api.info || {};
  document.title = info.title || "API";
  const license = info.license && "License: " + info.license.name;
  const facts = ["Version " + info.version, baseUrl(), license].filter(Boolean).join(" · ");
  return [h("h1", {}, info.title || "API"), h("p", { class: "dim" }, facts, " · ",
    h("a", { href: "openapi.json" }, "openapi.json")),
    info.description ? h("p", { class: "text" }, info.description) : ""];
}

function filterBox(blocks) {
  const input = h("input", { type: "search", autocomplete: "off", spellcheck: "false" });
  input.addEventListener("input", () => {
    const wanted = input.value.toLowerCase();
    for (const block of blocks) {
      block.hidden = !block.querySelector("summary").textContent.toLowerCase().includes(wanted);
    }
  });
  return h("label", {}, "Filter by path, method or summary", input);
}

function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target && target.tagName === "DETAILS") {
    target.open = true;
    target.scrollIntoView();
  }
}

async function main() {
  const content = document.getElementById("content");
  try {
    const answer = await fetch("openapi.json", { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error("the server answered " + answer.status);
    api = await answer.json();
    const sections = operationsByTag();
    const blocks = sections.flatMap((section) => [...section.querySelectorAll(":scope > details")]);
    document.getElementById("about").replaceChildren(...about().filter(Boolean), filterBox(blocks));
    content.replaceChildren(...sections, ...[schemasSection()].filter(Boolean));
    addEventListener("hashchange", openTarget);
    openTarget();
  } catch (error) {
    content.replaceChildren(h("p", { role: "alert" }, "The document cannot be shown: " + error.message));
  }
}

main();
)js";
}

}  // namespace weir::routing
