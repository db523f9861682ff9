"use strict";
const { identity, ask, say } = require("./gatehold");

// gatehold ends what a job was given with the job by itself. This is sooner, and a job
// does not fail by it.
async function post() {
  const credential = process.env.STATE_credential;
  if (!credential) return;
  await ask("/token/revoke", [["subject_token", await identity()], ["credential", credential]]);
  say("The credential has ended.");
}

post().catch((err) => say(`The credential was not given back; gatehold ends it with the job: ${err.message}`));
