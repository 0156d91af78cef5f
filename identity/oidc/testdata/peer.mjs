// A provider nobody of us wrote: the certified npm package oidc-provider, with its own development pages.
// Usage: node peer.mjs DIRECTORY-WITH-NODE_MODULES PORT CALLBACK
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [dir, port, callback] = process.argv.slice(2);
const resolved = createRequire(pathToFileURL(dir + '/')).resolve('oidc-provider');
const { Provider } = await import(pathToFileURL(resolved));
const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients: [{
    client_id: 'mot-cua', client_secret: 'a secret & more', redirect_uris: [callback],
    token_endpoint_auth_method: 'client_secret_basic',
  }],
  claims: { openid: ['sub'], profile: ['name', 'officer_id', 'unit', 'roles'] },
  findAccount: (ctx, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: 'Phạm Thu Hà', officer_id: 'cb-tiepnhan', unit: 'mot-cua', roles: ['officer'] }),
  }),
});
provider.listen(Number(port), '127.0.0.1', () => console.log('listening'));
