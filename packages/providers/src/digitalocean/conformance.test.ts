import { startDigitalOcean } from '@spoq/workbench/stand-ins/digitalocean'
import { vpsConformance } from '../conformance/vps.ts'
import { digitaloceanProvider } from './index.ts'

vpsConformance({
  name: 'digitalocean',
  keys: ['DIGITALOCEAN_TOKEN'],
  urlKey: 'DIGITALOCEAN_API_URL',
  place: { region: 'fra1', size: 's-1vcpu-1gb', larger: 's-1vcpu-2gb' },
  start: async () => {
    const cloud = await startDigitalOcean()
    return { cloud, env: { DIGITALOCEAN_TOKEN: cloud.token } }
  },
  open: ({ DIGITALOCEAN_TOKEN: token = '' }, opening) => digitaloceanProvider({ token, ...opening }),
  requests: {
    create: /^POST \/v2\/droplets$/,
    suspend: /^POST .*\/actions$/,
    resume: /^POST .*\/actions$/,
    terminate: /^DELETE \/v2\/droplets/,
  },
})
