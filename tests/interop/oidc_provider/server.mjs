// A real, certified OpenID Provider (npm oidc-provider) on loopback, for tests: node server.mjs
//
// The issuer is part of every token, so the port is bound first (0: a free one) and the provider is built behind it.
// A second argument is where logout tokens are posted. Prints one line "READY <issuer>". Ends when its standard input ends: it never outlives the tests.
// POST /_ctl/rotate[?keep=0]  new signing keys; the old ones stay published behind them unless keep=0.
// The `resource` parameter steers a token: the audience is the URL before the "?", ?alg= names the algorithm.
import { createServer } from 'node:http';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';

// ---- keys: one of each kind
const KINDS = { RS256: {}, ES256: {}, EdDSA: { crv: 'Ed25519' }, Ed25519: {} };
const mint = (generation) => Promise.all(Object.entries(KINDS).map(async ([alg, options]) => {
  const { privateKey } = await generateKeyPair(alg, { extractable: true, ...options });
  const jwk = { ...await exportJWK(privateKey), use: 'sig' };
  const kid = `k${generation}-${(await calculateJwkThumbprint(jwk)).slice(0, 8)}`;
  // The RSA key carries no "alg" on purpose, as many real providers publish it.
  return { ...jwk, kid, ...(alg === 'RS256' ? {} : { alg }) };
}));
let generation = 1;
let keys = await mint(generation);

// ---- storage that outlives a Provider object, so that a rotation loses no session
const stored = new Map();
class Store {
  constructor(name) { this.name = name; }
  key(id) { return `${this.name}:${id}`; }
  async upsert(id, payload, seconds) {
    stored.set(this.key(id), { payload, until: seconds ? Date.now() + seconds * 1000 : Infinity });
  }
  async find(id) {
    const found = stored.get(this.key(id));
    return found && found.until > Date.now() ? found.payload : undefined;
  }
  async first(fits) {
    for (const [key, { payload }] of stored) if (key.startsWith(`${this.name}:`) && fits(payload)) return payload;
    return undefined;
  }
  async findByUid(uid) { return this.first((payload) => payload.uid === uid); }
  async findByUserCode(code) { return this.first((payload) => payload.userCode === code); }
  async consume(id) { (await this.find(id)).consumed = Math.floor(Date.now() / 1000); }
  async destroy(id) { stored.delete(this.key(id)); }
  async revokeByGrantId(grant) {
    for (const [key, { payload }] of stored) if (payload.grantId === grant) stored.delete(key);
  }
}

// ---- clients and people
const API = 'api:read api:write';
const logout = process.argv[3]
  ? { backchannel_logout_uri: process.argv[3], backchannel_logout_session_required: true } : {};
const machine = { grant_types: ['client_credentials'], redirect_uris: [], response_types: [], scope: API };
const clients = [
  { client_id: 'svc', client_secret: 'svc-secret', ...machine },
  { client_id: 'svc-dpop', client_secret: 'svc-secret', ...machine, dpop_bound_access_tokens: true },
  { client_id: 'web', client_secret: 'web-secret', scope: `openid profile ${API}`, application_type: 'native',
    grant_types: ['authorization_code'], response_types: ['code'], redirect_uris: ['http://127.0.0.1/cb'], ...logout },
];
const configuration = () => ({
  clients,
  jwks: { keys },
  adapter: Store,
  // The default fetch refuses loopback: no back-channel logout would ever be delivered here.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  cookies: { keys: ['loopback-test-only'] },
  scopes: ['openid', 'profile', ...API.split(' ')],
  claims: { openid: ['sub'], profile: ['name'] },
  findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id, name: `User ${id}` }) }),
  extraTokenClaims: (ctx, token) => (token.accountId
    ? { roles: [token.accountId === 'admin' ? 'admin' : 'user'], ...(token.sid ? { sid: token.sid } : {}) } : {}),
  enabledJWA: { dPoPSigningAlgValues: ['ES256'] },
  ttl: { AccessToken: 300, ClientCredentials: 300 },
  features: {
    clientCredentials: { enabled: true },
    backchannelLogout: { enabled: true },
    dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 7), requireNonce: () => false },
    resourceIndicators: {
      enabled: true,
      useGrantedResource: () => true,
      defaultResource: (ctx, client, oneOf) => (Array.isArray(oneOf) ? oneOf[0] : oneOf),
      getResourceServerInfo: (ctx, resource) => {
        const alg = new URL(resource).searchParams.get('alg') ?? 'ES256';
        const audience = resource.split('?')[0];
        return { scope: API, audience, accessTokenTTL: 300, accessTokenFormat: 'jwt', jwt: { sign: { alg } } };
      },
    },
  },
});

// ---- the server
let provider;
let issuer;
const boot = () => {
  provider = new Provider(issuer, configuration());
  provider.on('server_error', (ctx, error) => console.error('server_error', error));
};
const server = createServer(async (request, response) => {
  const url = new URL(request.url, issuer);
  if (url.pathname !== '/_ctl/rotate') return provider.callback()(request, response);
  generation += 1;
  const fresh = await mint(generation);
  keys = url.searchParams.get('keep') === '0' ? fresh : [...fresh, ...keys];
  boot();
  return response.end(JSON.stringify(keys.map((key) => key.kid)));
});
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  issuer = `http://127.0.0.1:${server.address().port}`;
  boot();
  console.log(`READY ${issuer}`);
});
process.stdin.resume().on('end', () => process.exit(0));
