import { startHetzner } from '@spoq/workbench/stand-ins/hetzner'
import { vpsConformance } from '../conformance/vps.ts'
import { hetznerProvider } from './index.ts'

vpsConformance({
  name: 'hetzner',
  keys: ['HETZNER_TOKEN'],
  urlKey: 'HETZNER_API_URL',
  place: { region: 'nbg1', size: 'cx23', larger: 'cx33' },
  start: async () => {
    const cloud = await startHetzner()
    return { cloud, env: { HETZNER_TOKEN: cloud.token } }
  },
  open: ({ HETZNER_TOKEN: token = '' }, opening) => hetznerProvider({ token, ...opening }),
  requests: {
    create: /^POST \/servers$/,
    suspend: /^POST .*\/shutdown$/,
    resume: /^POST .*\/poweron$/,
    terminate: /^DELETE \/servers/,
  },
})
