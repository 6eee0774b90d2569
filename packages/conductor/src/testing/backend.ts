// A backend's public keys on a real address, and its way to sign. It ends with the test.

import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { onTestFinished } from 'vitest'
import { closeServer, listenOnPort } from '../http/listen.ts'
import { machineId } from './machine.ts'

export const alice = 'aliceaccount0000001'

/** `sign` makes a good token of alice for the test's machine; what is given replaces parts of it. */
export async function testBackend(now: number) {
  const seconds = now / 1000
  const { publicKey, privateKey } = await generateKeyPair('EdDSA')
  const key = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'EdDSA' }
  const server = createServer(getRequestListener(() => Response.json({ keys: [key] })))
  const issuer = `http://127.0.0.1:${await listenOnPort(server, '127.0.0.1', 0)}`
  onTestFinished(() => closeServer(server))
  const claims = {
    iss: issuer,
    aud: machineId,
    sub: alice,
    scope: 'machine:read machine:write machine:use',
    iat: seconds - 10,
    exp: seconds + 3600,
  }
  const sign = (change: JWTPayload = {}, header: object = {}, by = privateKey) =>
    new SignJWT({ ...claims, ...change })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: 'one', ...header })
      .sign(by)
  return { server, sign, config: { issuer, jwksUrl: `${issuer}/jwks`, members: [alice] } }
}
