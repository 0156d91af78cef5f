// A wallet nobody of us wrote, from the npm packages @openid4vc/openid4vci and jose: it follows an offer and prints the
// credential and its key. Usage: node peer.mjs DIRECTORY-WITH-NODE_MODULES LINK TX-CODE
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { createHash, randomBytes } from 'node:crypto';

const [dir, link, txCode] = process.argv.slice(2);
const scope = async (name) => import(pathToFileURL(`${dir}/node_modules/@openid4vc/${name}/dist/index.mjs`));
const { Openid4vciClient } = await scope('openid4vci');
const { clientAuthenticationAnonymous } = await scope('oauth2');
const { setGlobalConfig } = await scope('utils');
const jose = await import(pathToFileURL(createRequire(pathToFileURL(dir + '/')).resolve('jose')));
setGlobalConfig({ allowInsecureUrls: true }); // loopback

const { publicKey, privateKey } = await jose.generateKeyPair('ES256', { extractable: true });
const publicJwk = await jose.exportJWK(publicKey);
const callbacks = {
  hash: (data, alg) => createHash(alg.replace('-', '')).update(data).digest(),
  generateRandom: (length) => randomBytes(length),
  fetch,
  clientAuthentication: clientAuthenticationAnonymous(),
  signJwt: async (signer, { header, payload }) => ({
    jwt: await new jose.SignJWT(payload).setProtectedHeader(header).sign(privateKey), signerJwk: publicJwk,
  }),
};

const client = new Openid4vciClient({ callbacks });
const credentialOffer = await client.resolveCredentialOffer(link);
const issuerMetadata = await client.resolveIssuerMetadata(credentialOffer.credential_issuer);
const { accessTokenResponse } = await client.retrievePreAuthorizedCodeAccessTokenFromOffer({ credentialOffer, issuerMetadata, txCode });
const { c_nonce: nonce } = await client.requestNonce({ issuerMetadata });
const credentialConfigurationId = credentialOffer.credential_configuration_ids[0];
const { jwt } = await client.createCredentialRequestJwtProof({
  issuerMetadata, credentialConfigurationId, nonce, signer: { method: 'jwk', alg: 'ES256', publicJwk },
});
const got = await client.retrieveCredentials({
  issuerMetadata, credentialConfigurationId, accessToken: accessTokenResponse.access_token, proofs: { jwt: [jwt] },
});
console.log(JSON.stringify({
  credential: got.credentialResponse.credentials[0].credential, x: publicJwk.x, version: issuerMetadata.originalDraftVersion ?? '',
}));
