// What a process used until now, told when its stdin asks: `cpu`, in ms, or `memory`, in bytes. The end of that ends it.

import { createInterface } from 'node:readline'

export async function tellUse(): Promise<void> {
  for await (const asked of createInterface({ input: process.stdin })) console.log(asked === 'cpu' ? cpu() : memory())
  process.exit()
}

function cpu(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

function memory(): number {
  globalThis.gc?.()
  return process.memoryUsage.rss()
}
