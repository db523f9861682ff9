"use strict";
// What the two steps share: the job's identity token, and the server's door for workloads.
// There is nothing to install: it is what the runner brings.
const fs = require("fs");

const input = (name) => (process.env["INPUT_" + name.toUpperCase()] || "").trim();

function server() {
  const address = new URL(input("server"));
  const local = ["localhost", "127.0.0.1", "[::1]"].includes(address.hostname);
  if (address.protocol !== "https:" && !(address.protocol === "http:" && local)) throw new Error("server must be an https address");
  return address.href.replace(/\/+$/, "");
}

// identity asks GitHub for a token that says which job this is.
async function identity() {
  const ask = process.env.ACTIONS_ID_TOKEN_REQUEST_URL;
  if (!ask) throw new Error("this job has no identity: give it permissions: { id-token: write }");
  const url = new URL(ask);
  url.searchParams.set("audience", server());
  const answer = await fetch(url, { headers: { Authorization: "Bearer " + process.env.ACTIONS_ID_TOKEN_REQUEST_TOKEN }, redirect: "error" });
  const body = answer.ok ? await answer.json() : {};
  if (!body.value) throw new Error(`GitHub gives this job no identity token: ${answer.status}`);
  return body.value;
}

// ask sends a form to the door. Its answer is JSON, whatever it says.
async function ask(path, form) {
  const answer = await fetch(server() + path, { method: "POST", body: new URLSearchParams(form), headers: { Accept: "application/json" }, redirect: "error" });
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) return body;
  const refusal = new Error(body.error_description || `what answers at ${server()} gives no credentials: ${answer.status}`);
  refusal.interval = body.interval || 0;
  throw refusal;
}

const tell = (file, name, value) => fs.appendFileSync(file, `${name}=${value}\n`);

// say is a line of the log that is no command to the runner, whatever it says.
const say = (text) => process.stdout.write(String(text).replace(/[\r\n]+/g, " ").replace(/::/g, ": :") + "\n");

function failed(err) {
  process.stdout.write(`::error::${String(err.message || err).replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A")}\n`);
  process.exitCode = 1;
}

module.exports = { input, identity, ask, tell, say, failed };
