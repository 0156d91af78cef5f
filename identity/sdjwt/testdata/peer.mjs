// A second opinion nobody of us wrote: the npm package @sd-jwt/sd-jwt-vc. It judges the presentations given on standard
// input, and issues and presents one of its own. Usage: node peer.mjs DIRECTORY-WITH-NODE_MODULES < question.json
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { createHash, randomBytes, webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';

const require = createRequire(pathToFileURL(process.argv[2] + '/'));
const { SDJwtVcInstance } = await import(pathToFileURL(require.resolve('@sd-jwt/sd-jwt-vc')));
const question = JSON.parse(readFileSync(0, 'utf8'));
const curve = { name: 'ECDSA', namedCurve: 'P-256' };
const es256 = { name: 'ECDSA', hash: 'SHA-256' };
const bytes = (text) => new TextEncoder().encode(text);

const importKey = (jwk, use) => webcrypto.subtle.importKey('jwk', { ...jwk, ext: true }, curve, true, [use]);
const signerOf = (key) => async (data) =>
  Buffer.from(await webcrypto.subtle.sign(es256, key, bytes(data))).toString('base64url');
const verifierOf = (key) => async (data, signature) =>
  webcrypto.subtle.verify(es256, key, Buffer.from(signature, 'base64url'), bytes(data));
const common = {
  hasher: (data, alg) => createHash(alg.replace('-', '')).update(data).digest(), hashAlg: 'sha-256',
  saltGenerator: (length) => randomBytes(length).toString('base64url'),
  kbVerifier: async (data, signature, payload) => {
    const key = await importKey(payload.cnf.jwk, 'verify');
    return verifierOf(key)(data, signature);
  },
};

const issuerKey = await importKey(question.issuer, 'verify');
const judge = new SDJwtVcInstance({ ...common, verifier: verifierOf(issuerKey) });
const accepted = {};
for (const [name, text] of Object.entries(question.texts)) {
  try {
    await judge.verify(text, { keyBindingNonce: question.nonce, currentDate: question.now, skewSeconds: 60 });
    accepted[name] = true;
  } catch {
    accepted[name] = false;
  }
}

const pair = await webcrypto.subtle.generateKey(curve, true, ['sign', 'verify']);
const holder = await webcrypto.subtle.generateKey(curve, true, ['sign', 'verify']);
const publicOf = async (key) => {
  const { kty, crv, x, y } = await webcrypto.subtle.exportKey('jwk', key);
  return { kty, crv, x, y };
};
const theirs = new SDJwtVcInstance({
  ...common, signer: signerOf(pair.privateKey), signAlg: 'ES256', verifier: verifierOf(pair.publicKey),
  kbSigner: signerOf(holder.privateKey), kbSignAlg: 'ES256',
});
const credential = await theirs.issue({
  iss: question.iss, vct: question.vct, iat: question.now, exp: question.now + 3600, cnf: { jwk: await publicOf(holder.publicKey) },
  family_name: 'Trần', given_name: 'Thị Mỹ Vĩnh', birthdate: '1988-11-02',
  place_of_birth: { country: 'VN', province: 'Hà Nội' }, nationalities: ['VN', 'XX'],
}, {
  _sd: ['family_name', 'birthdate', 'place_of_birth'], _sdDecoy: 3, place_of_birth: { _sd: ['province'] }, nationalities: { _sd: [0, 1] },
});
const shown = await theirs.present(credential,
  { family_name: true, place_of_birth: { province: true }, nationalities: { 0: true } },
  { kb: { payload: { iat: question.now, aud: question.aud, nonce: question.nonce } } });
console.log(JSON.stringify({ accepted, shown, key: await publicOf(pair.publicKey) }));
