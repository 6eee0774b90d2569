import { startVultr } from '@spoq/workbench/stand-ins/vultr'
import { vpsConformance } from '../conformance/vps.ts'
import { vultrProvider } from './index.ts'

vpsConformance({
  name: 'vultr',
  keys: ['VULTR_API_KEY'],
  urlKey: 'VULTR_API_URL',
  place: { region: 'fra', size: 'vc2-1c-1gb', larger: 'vc2-1c-2gb' },
  start: async () => {
    const cloud = await startVultr()
    return { cloud, env: { VULTR_API_KEY: cloud.token } }
  },
  open: ({ VULTR_API_KEY: key = '' }, opening) => vultrProvider({ key, ...opening }),
  requests: {
    create: /^POST \/instances$/,
    suspend: /^POST .*\/halt$/,
    resume: /^POST .*\/start$/,
    terminate: /^DELETE \/instances/,
  },
})
