// What Prometheus is told. Everything is counted in a registry of this backend's own; what stands in the database is
// looked up when it is asked for.

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

export interface Metrics {
  /** Counts one answered request. `route` is a template such as `/api/machines/:machine`, never an address with values. */
  answered(request: { method: string; route: string; status: number; seconds: number }): void
  /** All of it in the text format of Prometheus. */
  text(): Promise<{ type: string; body: string }>
}

/** What is looked up at each scrape. */
export interface LookedUp {
  /** How many machines are in each state. */
  machines: () => Promise<Record<string, number>>
  /** How many machines that are made ahead are ready, and in the making. */
  pool?: () => Promise<Record<string, number>>
  /** How many backups are in each state. */
  backups?: () => Promise<Record<string, number>>
  /** How many machines that run are healthy, and how many are not. */
  health?: () => Promise<{ healthy: number; unhealthy: number }>
  /** How many things the last check of the ledger's sums has found; 0 before the first. */
  ledger?: () => number
  /** How many disputes of subscriptions are open, won and lost. */
  disputes?: () => Promise<Record<string, number>>
  /** How many calls of models on Spoq credit were cut off, so that nobody knows what the vendor has counted. */
  lostCalls?: () => Promise<number>
  /** Seconds since the machine that waits longest for its reconciler could have been looked at; 0 when none waits. */
  reconcileLag: () => Promise<number>
  /** How many machines are connected to each gateway beside this backend. */
  tunnels?: () => Record<string, number>
}

export function openMetrics(lookedUp: LookedUp): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const labelNames = ['method', 'route', 'status'] as const
  const requests = new Counter({
    name: 'spoq_api_requests_total',
    help: 'Requests that were answered.',
    labelNames,
    registers,
  })
  const latency = new Histogram({
    name: 'spoq_api_latency_seconds',
    help: 'Time from a request to its answer.',
    labelNames: ['method', 'route'] as const,
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers,
  })
  new Gauge({
    name: 'spoq_machines',
    help: 'Machines in each state.',
    labelNames: ['state'] as const,
    registers,
    async collect() {
      this.reset()
      for (const [state, count] of Object.entries(await lookedUp.machines())) this.set({ state }, count)
    },
  })
  for (const state of ['healthy', 'unhealthy'] as const)
    new Gauge({
      name: `spoq_machines_${state}`,
      help: `Machines that run and are ${state}.`,
      registers,
      async collect() {
        this.set((await lookedUp.health?.())?.[state] ?? 0)
      },
    })
  new Gauge({
    name: 'spoq_pool_size',
    help: 'Machines that are made ahead: warm, or in the making.',
    labelNames: ['state'] as const,
    registers,
    async collect() {
      this.reset()
      for (const [state, count] of Object.entries((await lookedUp.pool?.()) ?? {})) this.set({ state }, count)
    },
  })
  new Gauge({
    name: 'spoq_backups',
    help: 'Backups in each state.',
    labelNames: ['state'] as const,
    registers,
    async collect() {
      this.reset()
      for (const [state, count] of Object.entries((await lookedUp.backups?.()) ?? {})) this.set({ state }, count)
    },
  })
  new Gauge({
    name: 'spoq_reconcile_lag_seconds',
    help: 'How long the machine waits that has waited longest for the reconciler.',
    registers,
    async collect() {
      this.set(await lookedUp.reconcileLag())
    },
  })
  new Gauge({
    name: 'spoq_ledger_wrong',
    help: "What the last check of the ledger's sums has found wrong.",
    registers,
    collect() {
      this.set(lookedUp.ledger?.() ?? 0)
    },
  })
  new Gauge({
    name: 'spoq_subscription_disputes',
    help: 'Disputes about payments of subscriptions.',
    labelNames: ['state'] as const,
    registers,
    async collect() {
      this.reset()
      for (const [state, count] of Object.entries((await lookedUp.disputes?.()) ?? {})) this.set({ state }, count)
    },
  })
  new Gauge({
    name: 'spoq_model_calls_lost',
    help: 'Calls of models on Spoq credit that were cut off: nothing was taken, and the vendor may have counted something.',
    registers,
    async collect() {
      this.set((await lookedUp.lostCalls?.()) ?? 0)
    },
  })
  new Gauge({
    name: 'spoq_tunnels',
    help: 'Machines that are connected to each gateway.',
    labelNames: ['gateway'] as const,
    registers,
    collect() {
      this.reset()
      for (const [gateway, count] of Object.entries(lookedUp.tunnels?.() ?? {})) this.set({ gateway }, count)
    },
  })
  return {
    answered({ method, route, status, seconds }) {
      requests.inc({ method, route, status: String(status) })
      latency.observe({ method, route }, seconds)
    },
    text: async () => ({ type: registry.contentType, body: await registry.metrics() }),
  }
}
