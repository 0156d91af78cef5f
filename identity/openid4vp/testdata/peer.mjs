// A wallet nobody of us wrote, from the npm packages @openid4vc/openid4vp, @sd-jwt/sd-jwt-vc and jose: it follows a link
// and answers. Usage: node peer.mjs DIRECTORY-WITH-NODE_MODULES < {"link", "credential", "key" (JWK), "now"}
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { createHash, X509Certificate, webcrypto, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';

const require = createRequire(pathToFileURL(process.argv[2] + '/'));
const load = async (name) => import(pathToFileURL(require.resolve(name)));
const { SDJwtVcInstance } = await load('@sd-jwt/sd-jwt-vc');
const { Openid4vpClient } = await import(pathToFileURL(
  process.argv[2] + '/node_modules/@openid4vc/openid4vp/dist/index.mjs'));
const { setGlobalConfig } = await import(pathToFileURL(
  process.argv[2] + '/node_modules/@openid4vc/utils/dist/index.mjs'));
setGlobalConfig({ allowInsecureUrls: true }); // loopback
const jose = await load('jose');
const { link, credential, key, now } = JSON.parse(readFileSync(0, 'utf8'));

const certificate = (text) => new X509Certificate(Buffer.from(text, 'base64'));
const callbacks = {
  hash: (data, alg) => createHash(alg.replace('-', '')).update(data).digest(),
  fetch,
  getX509CertificateMetadata: (text) => ({
    sanDnsNames: (certificate(text).subjectAltName ?? '').split(', ').filter((n) => n.startsWith('DNS:')).map((n) => n.slice(4)),
    sanUriNames: (certificate(text).subjectAltName ?? '').split(', ').filter((n) => n.startsWith('URI:')).map((n) => n.slice(4)),
  }),
  verifyJwt: async (signer, { compact }) => {
    const [head, body, signature] = compact.split('.');
    const publicKey = certificate(signer.x5c[0]).publicKey;
    const verified = verify('sha256', Buffer.from(head + '.' + body), { key: publicKey, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'));
    return verified ? { verified, signerJwk: publicKey.export({ format: 'jwk' }) } : { verified };
  },
  decryptJwe: async () => ({ decrypted: false }),
  signJwt: async () => { throw new Error('not needed'); },
  encryptJwe: async (encryptor, data) => {
    const jwe = await new jose.CompactEncrypt(new TextEncoder().encode(data))
      .setProtectedHeader({ alg: encryptor.alg, enc: encryptor.enc, kid: encryptor.publicJwk.kid })
      .encrypt(await jose.importJWK(encryptor.publicJwk, encryptor.alg));
    return { encryptionJwk: encryptor.publicJwk, jwe };
  },
};

const client = new Openid4vpClient({ callbacks });
const parsed = client.parseOpenid4vpAuthorizationRequest({ authorizationRequest: link });
const request = await client.resolveOpenId4vpAuthorizationRequest({ authorizationRequestPayload: parsed.params });
const payload = request.authorizationRequestPayload;
const query = payload.dcql_query.credentials[0];

const frame = {};
for (const { path } of query.claims) {
  let at = frame;
  path.forEach((name, i) => { at = at[name] = i === path.length - 1 ? true : at[name] ?? {}; });
}
const signing = await webcrypto.subtle.importKey('jwk', key, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
const holder = new SDJwtVcInstance({
  hasher: callbacks.hash, hashAlg: 'sha-256', kbSignAlg: 'ES256', kbSigner: async (data) =>
    Buffer.from(await webcrypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, signing, Buffer.from(data))).toString('base64url'),
});
const shown = await holder.present(credential, frame, {
  kb: { payload: { iat: now, aud: payload.client_id, nonce: payload.nonce } },
});
const response = await client.createOpenid4vpAuthorizationResponse({
  authorizationRequestPayload: payload, authorizationResponsePayload: { vp_token: { [query.id]: [shown] } },
  jarm: payload.response_mode === 'direct_post.jwt' ? {
    encryption: { nonce: payload.nonce },
    serverMetadata: {
      authorization_signing_alg_values_supported: [], authorization_encryption_alg_values_supported: ['ECDH-ES'],
      authorization_encryption_enc_values_supported: ['A128GCM', 'A256GCM'],
    },
  } : undefined,
});
const sent = await client.submitOpenid4vpAuthorizationResponse({
  authorizationRequestPayload: payload, authorizationResponsePayload: response.authorizationResponsePayload, jarm: response.jarm,
});
console.log(JSON.stringify({
  status: sent.response.status, said: await sent.response.json(), version: request.version,
  prefix: request.client.prefix, signed: request.jar !== undefined,
}));
