// What openid-client makes of our endpoints: one JSON question on standard input, one JSON answer.
import { createPrivateKey } from "node:crypto";
import { text } from "node:stream/consumers";
import * as client from "openid-client";

const { issuer, secret, pem, kid, subject } = JSON.parse(await text(process.stdin));
const execute = [client.allowInsecureRequests]; // loopback
const seen = {};

async function discovered(name, authentication) {
  return client.discovery(new URL(issuer), name, undefined, authentication, { algorithm: "oauth2", execute });
}

async function refused(work) {
  try {
    await work();
    return "nothing";
  } catch (error) {
    return `${error.status ?? error.cause?.status} ${error.error ?? error.code}`;
  }
}

for (const [method, authentication] of [
  ["client_secret_basic", client.ClientSecretBasic(secret)],
  ["client_secret_post", client.ClientSecretPost(secret)],
]) {
  const config = await discovered("orders", authentication);
  seen[method] = (await client.clientCredentialsGrant(config, { resource: "https://reports.example.com/v1", scope: "reports:read" })).scope;
}

const pkcs8 = createPrivateKey(pem).export({ type: "pkcs8", format: "der" });
const key = await crypto.subtle.importKey("pkcs8", pkcs8, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
const batch = await discovered("batch", client.PrivateKeyJwt({ key, kid }));
seen.private_key_jwt = (await client.clientCredentialsGrant(batch, {})).scope;

const orders = await discovered("orders", client.ClientSecretBasic(secret));
const exchanged = await client.genericGrantRequest(orders, "urn:ietf:params:oauth:grant-type:token-exchange", {
  subject_token: subject,
  subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
  audience: "inventory",
});
seen.issued_token_type = exchanged.issued_token_type;
seen.exchanged = exchanged.access_token;
const inventory = await discovered("inventory", client.ClientSecretBasic(secret));
seen.introspected = await client.tokenIntrospection(inventory, exchanged.access_token);
await client.tokenRevocation(orders, exchanged.access_token);
seen.revoked = await client.tokenIntrospection(inventory, exchanged.access_token);
const wrong = await discovered("orders", client.ClientSecretBasic("another secret than that one"));
seen.wrong_secret = await refused(() => client.clientCredentialsGrant(wrong, {}));
seen.wrong_scope = await refused(() => client.clientCredentialsGrant(orders, { audience: "inventory", scope: "admin" }));
seen.wrong_target = await refused(() => client.clientCredentialsGrant(orders, { resource: "https://elsewhere.example" }));
console.log(JSON.stringify(seen));
