"use strict";
const { input, identity, ask, tell, say, failed } = require("./gatehold");

const exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
const jwt = "urn:ietf:params:oauth:token-type:jwt";

function form(token) {
  const wish = [["grant_type", exchange], ["subject_token", token], ["subject_token_type", jwt], ["credential", input("credential")]];
  if (input("type") === "identity") wish.push(["requested_token_type", jwt]);
  else if (input("type") !== "token") throw new Error("type is token or identity");
  if (input("audience")) wish.push(["audience", input("audience")]);
  if (input("scope")) wish.push(["scope", input("scope")]);
  for (const name of input("repositories").split(/\s+/).filter(Boolean)) wish.push(["resource", name]);
  return wish;
}

async function main() {
  const until = Date.now() + Number(input("wait-minutes") || 0) * 60000;
  for (let said = ""; ; ) {
    try {
      const got = await ask("/token", form(await identity())); // each identity token is good for minutes
      process.stdout.write(`::add-mask::${got.access_token}\n`);
      tell(process.env.GITHUB_OUTPUT, "token", got.access_token);
      tell(process.env.GITHUB_OUTPUT, "credential", got.credential);
      tell(process.env.GITHUB_STATE, "credential", got.credential);
      say(`Got the credential ${input("credential")}, for ${got.expires_in} seconds at most.`);
      return;
    } catch (err) {
      if (!err.interval || Date.now() + err.interval * 1000 > until) throw err;
      if (err.message !== said) say((said = err.message));
      await new Promise((done) => setTimeout(done, err.interval * 1000));
    }
  }
}

main().catch(failed);
