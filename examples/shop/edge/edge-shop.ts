import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { testInstallation, type TestInstallation } from 'banyan/testing'
import { unitAsker } from '../../../packages/banyan/src/cli/ask-unit.ts'
import type { UnitStatus } from '../../../packages/banyan/src/runtime/unit-status.ts'
import { OwnRedis } from '../../../packages/banyan/test/redis.ts'
import { freePorts } from '../fleet/free-ports.ts'
import { UnitProcess } from '../fleet/unit-process.ts'
import { serverProcess, type ServerProcess } from './server-process.ts'

/** A process of the shop: which unit it is, and where it answers. */
interface Place {
  readonly unit: string
  readonly port: number
  readonly url: string
}

const app = import.meta.resolve('./banyan.config.ts')
const program = join(import.meta.dirname, '../../../node_modules/.bin/banyan')
const ran = promisify(execFile)

/** The shop behind its edge, every part of it a process of its own that can be killed. */
export class EdgeShop implements AsyncDisposable {
  readonly topology: string
  readonly places: readonly Place[]
  readonly redis: OwnRedis
  readonly #installation: TestInstallation
  readonly #env: Readonly<Record<string, string>>
  readonly #provider: ServerProcess
  readonly #reviewsPort: number
  readonly #running = new Map<Place, UnitProcess>()
  #reviews: ServerProcess

  private constructor(
    topology: string,
    places: readonly Place[],
    parts: {
      installation: TestInstallation
      redis: OwnRedis
      provider: ServerProcess
      reviews: ServerProcess
      reviewsPort: number
      env: Readonly<Record<string, string>>
    },
  ) {
    this.topology = topology
    this.places = places
    this.redis = parts.redis
    this.#installation = parts.installation
    this.#provider = parts.provider
    this.#reviews = parts.reviews
    this.#reviewsPort = parts.reviewsPort
    this.#env = parts.env
  }

  /** `units`: one entry for each process, the door first. */
  static async open(topology: string, units: readonly string[]): Promise<EdgeShop> {
    const [providerPort, reviewsPort, ...ports] = (await freePorts(units.length + 2)) as [number, number, ...number[]]
    const places = units.map((unit, index) => ({ unit, port: ports[index]!, url: `http://127.0.0.1:${ports[index]}` }))
    const clientSecret = randomBytes(24).toString('base64url')
    const [installation, redis, provider, reviews] = await Promise.all([
      testInstallation(),
      OwnRedis.start(),
      serverProcess('identity-provider', [String(providerPort), clientSecret, ...places.map(({ url }) => url)]),
      serverProcess('reviews', [], { PORT: String(reviewsPort) }),
    ])
    const env = {
      OIDC_ISSUER: `http://127.0.0.1:${providerPort}`,
      OIDC_SECRET: clientSecret,
      REVIEWS_URL: `http://127.0.0.1:${reviewsPort}`,
      REDIS_URL: redis.url,
      BANYAN_SECRET: randomBytes(32).toString('base64url'),
    }
    const shop = new EdgeShop(topology, places, { installation, redis, provider, reviews, reviewsPort, env })
    try {
      await Promise.all(places.map((place) => shop.start(place)))
      for (const { url } of places) await complete(url)
      return shop
    } catch (error) {
      const told = shop.log
      await shop[Symbol.asyncDispose]()
      throw new Error(`the shop did not open: ${told}`, { cause: error })
    }
  }

  /** Where customers come in. */
  get door(): string {
    return this.places[0]!.url
  }

  /** What all processes have said, which is warnings and errors. */
  get log(): string {
    return readFileSync(this.#logFile, 'utf8')
  }

  get #logFile(): string {
    return join(this.#installation.options.directory, 'units.log')
  }

  /** The processes of a unit; in one process there is but one unit, which has every service. */
  of(unit: string): readonly Place[] {
    return this.places.length === 1 ? this.places : this.places.filter((place) => place.unit === unit)
  }

  async start(place: Place): Promise<void> {
    const { options } = this.#installation
    const process = new UnitProcess({ app, log: this.#logFile, env: this.#env })
    this.#running.set(place, process)
    const { unit, port } = place
    const opened = await process.open({ options: { ...options, topology: this.topology, unit, port }, book: join(options.directory, 'card-provider.jsonl') })
    if (!opened) throw new Error(`unit ${unit} ended before it answered: ${this.log}`)
  }

  async kill(place: Place): Promise<void> {
    await this.#running.get(place)?.kill()
  }

  killReviews(): Promise<void> {
    return this.#reviews.kill()
  }

  async startReviews(): Promise<void> {
    this.#reviews = await serverProcess('reviews', [], { PORT: String(this.#reviewsPort) })
  }

  /** Resolves once all that has happened is reacted to, everywhere. */
  async quiet(): Promise<void> {
    await this.#running.get(this.places[0]!)!.quiet()
  }

  /** What each process tells of itself, the door first. */
  async statuses(): Promise<readonly UnitStatus[]> {
    const ask = unitAsker(this.#installation.options.name, this.#env['BANYAN_SECRET'])
    try {
      const asked = await Promise.all(this.places.map(({ url }) => ask.status(url)))
      return asked.map(({ status, trouble }) => {
        if (status) return status
        throw new Error(`a unit says nothing of itself: ${trouble}`)
      })
    } finally {
      await ask[Symbol.asyncDispose]()
    }
  }

  /** What `banyan …` prints about this shop. */
  async banyan(...args: readonly string[]): Promise<string> {
    const { name, database } = this.#installation.options
    const env = { ...process.env, ...this.#env, BANYAN_APP_NAME: name, DATABASE_URL: database }
    return (await ran(program, [...args, '--config', join(import.meta.dirname, 'banyan.config.ts')], { env })).stdout
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running.values()].map((process) => process.stop()))
    await Promise.all([this.#provider[Symbol.asyncDispose](), this.#reviews[Symbol.asyncDispose](), this.redis[Symbol.asyncDispose]()])
    await this.#installation[Symbol.asyncDispose]()
  }
}

const PATIENCE_MS = 60_000

/** Resolves once every part of the shop is reached through this process: until it has heard of the others, it refuses what they have. */
async function complete(url: string): Promise<void> {
  const until = performance.now() + PATIENCE_MS
  for (const [path, status] of Object.entries({ '/orders': 401, '/products': 200, '/.well-known/jwks.json': 200 })) {
    for (;;) {
      const answer = await fetch(url + path)
      await answer.body?.cancel()
      if (answer.status === status) break
      if (performance.now() > until) throw new Error(`${url}${path} still answers ${answer.status}`)
    }
  }
}
