import { oauth } from '@spoq/contracts/login'
import { type Auth, grantTypes } from './auth.ts'

const hosts = ['127.0.0.1', '[::1]', 'localhost']

/** Keeps the client that tools without registration use, `spoq-cli`: public, back to any port of the same computer. */
export async function keepStockClient(auth: Auth, now: number): Promise<void> {
  const { adapter } = await auth.$context
  const where = [{ field: 'clientId', value: oauth.stockClient }]
  if (await adapter.findOne({ model: 'oauthClient', where })) return
  const at = new Date(now)
  await adapter.create({
    model: 'oauthClient',
    data: {
      clientId: oauth.stockClient,
      name: 'a command line tool',
      redirectUris: hosts.flatMap(host => [`http://${host}/callback`, `http://${host}/`]),
      tokenEndpointAuthMethod: 'none',
      applicationType: 'native',
      grantTypes: ['authorization_code', ...grantTypes],
      responseTypes: ['code'],
      scopes: [...oauth.scopes],
      clientCredentialsScopes: [],
      disabled: false,
      createdAt: at,
      updatedAt: at,
    },
  })
}
