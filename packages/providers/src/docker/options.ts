import Docker from 'dockerode'
import { takingTurns } from '../shared/take-turns.ts'

/** What the provider needs to know of the world. */
export interface DockerOptions {
  /** As in DOCKER_HOST: `unix:///var/run/docker.sock`, or `tcp://HOST:2375`. */
  host: string
  /** Of a machine, there on the Engine: packages/workbench/src/docker/Dockerfile makes one. */
  image: string
  /**
   * A folder of this computer, where the Engine runs too: in `MACHINE/edge.sock` each machine's Conductor answers. Best a
   * small tmpfs, as Conductors may write there. Left out for an Engine elsewhere: nobody here reaches its machines.
   */
  socketsDir?: string | undefined
  /** Whose machines these are: several Spoqs may share an Engine, and each sees only its own. Letters and digits. */
  installation: string
  /** What the Engine's computer is called in the catalog. */
  region?: string
  /** Beside public addresses machines may reach these, `ADDRESS:PORT`: a backend or a gateway on the very same host. */
  reach?: readonly string[]
  /** Machines have their networks in it, a /29 each: 10.213.0.0/16 has room for 8,192. */
  pool?: string
  /** Whom machines ask for names; private ones are out of their reach. */
  nameServers?: readonly string[]
  /** How long an answer of the Engine, a Conductor's start and its end may take, in ms. */
  patience?: { answerMs: number; startMs: number; stopMs: number }
  now: () => number
}

/** The options with nothing left open. */
export interface Engine extends Required<Omit<DockerOptions, 'host' | 'socketsDir'>> {
  docker: Docker
  socketsDir: string | null
  inTurn: ReturnType<typeof takingTurns>
}

/** @throws Error when `host` is no address of an Engine. */
export function open({ host, socketsDir, ...options }: DockerOptions): Engine {
  const patience = { answerMs: 60_000, startMs: 30_000, stopMs: 10_000, ...options.patience }
  return {
    region: 'docker',
    reach: [],
    pool: '10.213.0.0/16',
    nameServers: ['1.1.1.1', '9.9.9.9'],
    ...options,
    patience,
    socketsDir: socketsDir ?? null,
    inTurn: takingTurns(),
    docker: new Docker({ ...whereabouts(host), timeout: patience.answerMs }),
  }
}

function whereabouts(host: string): Docker.DockerOptions {
  const url = new URL(host)
  if (url.protocol === 'unix:') return { socketPath: url.pathname }
  const protocol = url.protocol === 'https:' ? 'https' : 'http'
  if (!['tcp:', 'http:', 'https:'].includes(url.protocol)) throw new Error(`${host} is no address of a Docker Engine`)
  return { protocol, host: url.hostname, port: Number(url.port || 2375) }
}
