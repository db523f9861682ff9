// Verifies the tokens on standard input with the keys there, as jose does, and says of
// each whether it does.
import { createLocalJWKSet, jwtVerify } from "../../../testdata/npm/node_modules/jose/dist/webapi/index.js";

let text = "";
for await (const part of process.stdin) text += part;
const { keys, issuer, audience, now, tokens } = JSON.parse(text);
const set = createLocalJWKSet(keys);
const said = [];
for (const token of tokens) {
  try {
    const { payload } = await jwtVerify(token, set, { issuer, audience, algorithms: ["RS256"], currentDate: new Date(now), requiredClaims: ["exp", "nbf", "sub", "jti"] });
    said.push(payload.sub);
  } catch (e) {
    said.push(e.code);
  }
}
console.log(JSON.stringify(said));
