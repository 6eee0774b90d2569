/** OAuth words that both sides must spell the same. */
export const oauth = {
  /** The public client for stock tools; our own CLI registers one for each login. */
  stockClient: 'spoq-cli',
  scopes: ['offline_access', 'account', 'machine'],
  deviceGrant: 'urn:ietf:params:oauth:grant-type:device_code',
  exchangeGrant: 'urn:ietf:params:oauth:grant-type:token-exchange',
  idTokenType: 'urn:ietf:params:oauth:token-type:id_token',
  accessTokenType: 'urn:ietf:params:oauth:token-type:access_token',
  metadataPath: '/.well-known/oauth-authorization-server',
} as const
