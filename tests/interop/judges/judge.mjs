// What jose and oauth4webapi say of access tokens: one JSON question a line in, one JSON answer a line out.
import { createInterface } from "node:readline";
import { createLocalJWKSet, jwtVerify } from "jose";
import * as oauth from "oauth4webapi";

async function verdict(work) {
  try {
    return { accepted: true, claims: await work() };
  } catch (error) {
    return { accepted: false, why: `${error.code ?? error.name}` };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { issuer, jwks, audience, token } = JSON.parse(line);
  const ofJose = await verdict(async () => {
    const options = { issuer, audience, typ: "at+jwt", requiredClaims: ["sub", "client_id", "iat", "jti", "exp"] };
    return (await jwtVerify(token, createLocalJWKSet(jwks), options)).payload;
  });
  const ofOAuth = await verdict(async () => {
    const server = { issuer, jwks_uri: `${issuer}/jwks` };
    const request = new Request("https://orders.example.com/", { headers: { authorization: `Bearer ${token}` } });
    const serve = async () => new Response(JSON.stringify(jwks), { headers: { "content-type": "application/jwk-set+json" } });
    return oauth.validateJwtAccessToken(server, request, audience, { [oauth.customFetch]: serve });
  });
  console.log(JSON.stringify({ jose: ofJose, oauth4webapi: ofOAuth }));
}
