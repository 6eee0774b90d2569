import { startHostinger } from '@spoq/workbench/stand-ins/hostinger'
import { vpsConformance } from '../conformance/vps.ts'
import { hostingerProvider } from './index.ts'

vpsConformance({
  name: 'hostinger',
  keys: ['HOSTINGER_API_KEY'],
  urlKey: 'HOSTINGER_API_URL',
  place: { region: '19', size: 'hostingercom-vps-kvm2-usd-1m' },
  start: async () => {
    const cloud = await startHostinger()
    return { cloud, env: { HOSTINGER_API_KEY: cloud.key } }
  },
  open: ({ HOSTINGER_API_KEY: key = '' }, opening) => hostingerProvider({ key, ...opening }),
  requests: {
    create: /^POST \/api\/vps\/v1\/virtual-machines$/,
    suspend: /^POST .*\/stop$/,
    resume: /^POST .*\/start$/,
    terminate: /^DELETE .*\/auto-renewal\/disable$/,
  },
})
