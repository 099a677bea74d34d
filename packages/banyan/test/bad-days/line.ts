import { start } from '../../src/index.ts'
import { silentLog } from '../../src/observe/log.ts'
import { testInstallation, type TestInstallation } from '../../src/testing/installation.ts'
import { freePorts } from '../../src/testing/free-ports.ts'
import type { MemberOptions } from './member.ts'
import { MemberProcess } from './member-process.ts'
import relay from './relay.ts'
import { severingProxy, type SeveringProxy } from './severing-proxy.ts'

export interface LineOptions {
  /** Processes of `last`. */
  readonly lasts: number
  /** Where they live; an installation on the server of the test run unless said. */
  readonly place?: Pick<MemberOptions, 'directory' | 'database' | 'name'>
}

export type First = Awaited<ReturnType<typeof openFirst>>

function openFirst(options: MemberOptions) {
  return start(relay, { ...options, log: silentLog })
}

/** The relay as processes: one of `middle`, several of `last`, a proxy in front of each. The units called `first` run in the test. */
export class Line implements AsyncDisposable {
  readonly proxies: readonly SeveringProxy[]
  readonly middleProxy: SeveringProxy
  readonly lasts: MemberProcess[] = []
  middle!: MemberProcess
  readonly #ports: readonly number[]
  readonly #shared: MemberOptions
  readonly #installation: TestInstallation | undefined
  readonly #firsts: First[] = []

  private constructor(shared: MemberOptions, ports: readonly number[], proxies: readonly SeveringProxy[], installation: TestInstallation | undefined) {
    this.#shared = shared
    this.#ports = ports
    this.#installation = installation
    this.proxies = proxies.slice(1)
    this.middleProxy = proxies[0]!
  }

  static async open({ lasts, place }: LineOptions): Promise<Line> {
    const installation = place ? undefined : await testInstallation()
    const ports = await freePorts(2 + lasts)
    const proxies = await Promise.all(ports.slice(1).map(severingProxy))
    const [middle, ...others] = proxies.map(({ url }) => url)
    const addresses = { first: `http://127.0.0.1:${ports[0]}`, middle: middle!, last: others }
    const shared = {
      ...(place ?? installation!.options),
      development: true,
      topology: 'line',
      addresses,
      secret: 'a secret that all processes of the line share',
    }
    const line = new Line(shared, ports, proxies, installation)
    const opened = Array.from({ length: lasts }, (_, index) => line.#openLast(index))
    line.middle = await MemberProcess.open('middle', { ...shared, unit: 'middle', port: ports[1]! })
    line.lasts.push(...(await Promise.all(opened)))
    return line
  }

  /** A unit `first` that knows nothing yet of the others; closed with the line. */
  async first(): Promise<First> {
    const first = await openFirst({ ...this.#shared, unit: 'first', port: 0 })
    this.#firsts.push(first)
    return first
  }

  /** Stops a process of `last` in order, and opens it again where it was. */
  async restart(index: number): Promise<void> {
    await this.lasts[index]![Symbol.asyncDispose]()
    this.lasts[index] = await this.#openLast(index)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const proxy of [this.middleProxy, ...this.proxies]) proxy.turn('forward')
    for (const one of [...this.#firsts, this.middle, ...this.lasts]) await one[Symbol.asyncDispose]()
    for (const proxy of [this.middleProxy, ...this.proxies]) await proxy[Symbol.asyncDispose]()
    await this.#installation?.[Symbol.asyncDispose]()
  }

  #openLast(index: number): Promise<MemberProcess> {
    return MemberProcess.open(`last${index}`, { ...this.#shared, unit: 'last', port: this.#ports[2 + index]! })
  }
}
