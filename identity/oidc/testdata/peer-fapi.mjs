// The certified npm package oidc-provider as a FAPI 2.0 provider: pushed requests, DPoP with a nonce, clients by key,
// PS256, encrypted id_tokens, refresh tokens that rotate, back-channel logout.
// Usage: node peer-fapi.mjs DIRECTORY-WITH-NODE_MODULES PORT APPLICATION CLIENT-JWKS
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { generateKeyPairSync, randomBytes } from 'node:crypto';

const [dir, port, app, clientKeys] = process.argv.slice(2);
const resolved = createRequire(pathToFileURL(dir + '/')).resolve('oidc-provider');
const { Provider } = await import(pathToFileURL(resolved));
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const provider = new Provider(`http://127.0.0.1:${port}`, {
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'ps', alg: 'PS256', use: 'sig' }] },
  clients: [{
    client_id: 'mot-cua', redirect_uris: [`${app}/callback`], post_logout_redirect_uris: [`${app}/bye`],
    grant_types: ['authorization_code', 'refresh_token'], token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'PS256', jwks: JSON.parse(clientKeys), id_token_signed_response_alg: 'PS256',
    id_token_encrypted_response_alg: 'RSA-OAEP-256', id_token_encrypted_response_enc: 'A256GCM',
    dpop_bound_access_tokens: true, require_pushed_authorization_requests: true,
    backchannel_logout_uri: `${app}/back`, backchannel_logout_session_required: true,
  }],
  enabledJWA: { idTokenSigningAlgValues: ['PS256'], clientAuthSigningAlgValues: ['PS256'] },
  features: {
    dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
    pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
    fapi: { enabled: true, profile: '2.0' },
    encryption: { enabled: true },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: { enabled: true },
  },
  // The application is on loopback, which the package's own dispatcher rightly refuses to call.
  fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
  issueRefreshToken: () => true,
  rotateRefreshToken: () => true,
  claims: { openid: ['sub'], profile: ['name', 'officer_id', 'unit', 'roles'] },
  findAccount: (ctx, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: 'Phạm Thu Hà', officer_id: 'cb-tiepnhan', unit: 'mot-cua', roles: ['officer'] }),
  }),
});
for (const event of ['server_error', 'pushed_authorization_request.error', 'grant.error', 'backchannel.error']) {
  provider.on(event, (ctx, err) => console.error(event, err.message, err.error_detail));
}
provider.listen(Number(port), '127.0.0.1', () => console.log('listening'));
