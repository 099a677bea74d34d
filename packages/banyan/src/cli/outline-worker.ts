import { inspect } from 'node:util'
import { parentPort, workerData } from 'node:worker_threads'
import { BanyanError } from '../kernel/errors.ts'
import { placementOf, replicasOf, unitsOf } from '../runtime/placement.ts'
import { importConfig } from './config.ts'
import type { Outline, Outlined, OutlineOrder } from './outline.ts'

async function outline({ file, topology }: OutlineOrder): Promise<Outline> {
  const app = await importConfig(file)
  const units = unitsOf(app, topology)
  const { database } = placementOf(app, topology, Object.keys(units)[0], { variables: process.env, addresses: {} })
  return { app: app.name, units, replicas: replicasOf(app, topology), database }
}

async function answer(order: OutlineOrder): Promise<Outlined> {
  try {
    return { outline: await outline(order) }
  } catch (error) {
    return { failure: BanyanError.is(error) ? { code: error.code, text: error.message } : { code: undefined, text: inspect(error) } }
  }
}

parentPort!.postMessage(await answer(workerData as OutlineOrder))
