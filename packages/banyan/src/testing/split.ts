import { randomBytes } from 'node:crypto'
import type { App } from '../model/app.ts'
import type { AnyContract } from '../model/contract.ts'
import { BanyanError } from '../kernel/errors.ts'
import { unitsOf } from '../runtime/placement.ts'
import { start, type StartOptions } from '../runtime/start.ts'
import { APART, divided } from './divided.ts'
import { freePorts } from './free-ports.ts'
import { installed } from './installed.ts'
import type { RunnerOptions, RunningApp } from './runner.ts'
import { unitProcess } from './unit-process.ts'

/** The units of a topology, over real sockets; all but the first in processes of their own where there is a module to load. */
export function startSplit<Contracts extends Record<string, AnyContract>>(app: App<Contracts>, options: RunnerOptions): Promise<RunningApp<Contracts>> {
  const { topology = APART, processes, log } = options
  const whole = divided(app)
  return installed(options, async (installation, started) => {
    const addresses = await addressesOf(Object.keys(unitsOf(whole as App, topology)), options)
    const secret = randomBytes(32).toString('base64url')
    const places = Object.entries(addresses).flatMap(([unit, urls]) => urls.map((url) => ({ unit, url })))
    const optionsOf = ({ unit, url }: Place): StartOptions => ({ ...installation, topology, addresses, secret, unit, port: Number(new URL(url).port) })
    const here = (place: Place) => start(whole, { ...optionsOf(place), ...(log && { log }) })
    const elsewhere = (place: Place) => (processes === undefined ? here(place) : unitProcess(processes, optionsOf(place)))
    const [first, ...others] = places as [Place, ...Place[]]
    // all at once, since none of them needs another to start
    const running = here(first)
    const units = [running, ...others.map(elsewhere)]
    for (const [index, unit] of (await Promise.allSettled(units)).entries()) if (unit.status === 'fulfilled') started.add(places[index]!.url, unit.value)
    await Promise.all(units)
    return { running: await running, urls: places.map(({ url }) => url) }
  })
}

interface Place {
  readonly unit: string
  readonly url: string
}

async function addressesOf(units: readonly string[], { replicas = {} }: RunnerOptions): Promise<Readonly<Record<string, readonly string[]>>> {
  const stray = Object.keys(replicas).find((unit) => !units.includes(unit))
  if (stray !== undefined) throw new BanyanError('invalid_topology', `replicas are asked of unit '${stray}', which is not there; units are ${units.join(', ')}`)
  const counts = units.map((unit) => replicas[unit] ?? 1)
  const ports = await freePorts(counts.reduce((sum, count) => sum + count, 0))
  return Object.fromEntries(units.map((unit, index) => [unit, ports.splice(0, counts[index]).map((port) => `http://127.0.0.1:${port}`)]))
}
