import { startContabo } from '@spoq/workbench/stand-ins/contabo'
import { vpsConformance } from '../conformance/vps.ts'
import { contaboProvider } from './index.ts'

vpsConformance({
  name: 'contabo',
  keys: ['CONTABO_CLIENT_ID', 'CONTABO_CLIENT_SECRET', 'CONTABO_API_USER', 'CONTABO_API_PASSWORD'],
  urlKey: 'CONTABO_API_URL',
  settings: ['CONTABO_AUTH_URL'],
  place: { region: 'EU', size: 'V91' },
  start: async () => {
    const cloud = await startContabo()
    const { clientId, clientSecret, user, password } = cloud.key
    const env = {
      CONTABO_CLIENT_ID: clientId,
      CONTABO_CLIENT_SECRET: clientSecret,
      CONTABO_API_USER: user,
      CONTABO_API_PASSWORD: password,
      CONTABO_AUTH_URL: cloud.url,
    }
    return { cloud, env }
  },
  open: (env, opening) =>
    contaboProvider({
      clientId: env.CONTABO_CLIENT_ID ?? '',
      clientSecret: env.CONTABO_CLIENT_SECRET ?? '',
      user: env.CONTABO_API_USER ?? '',
      password: env.CONTABO_API_PASSWORD ?? '',
      authUrl: env.CONTABO_AUTH_URL,
      ...opening,
    }),
  requests: {
    create: /^POST \/v1\/compute\/instances$/,
    suspend: /^POST .*\/shutdown$/,
    resume: /^POST .*\/start$/,
    terminate: /^POST .*\/cancel$/,
  },
})
