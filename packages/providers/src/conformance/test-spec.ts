/** Of a machine that tests have made: what is the same for all. */
export const testSpec = {
  name: 'test',
  owner: 'a1b2c3d4e5f6g7h8',
  issuer: 'https://spoq.example',
  jwksUrl: 'https://spoq.example/jwks',
}
