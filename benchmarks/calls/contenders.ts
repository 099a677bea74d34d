import type { Contender } from './contender.ts'

/** Loaded by name, so that a process has only its own contender in it. */
export const contenders = {
  banyan: async () => (await import('./peers/banyan.ts')).banyan,
  nest: async () => (await import('./peers/nest.ts')).nest,
  moleculer: async () => (await import('./peers/moleculer.ts')).moleculer,
  grpc: async () => (await import('./peers/grpc.ts')).grpc,
  bare: async () => (await import('./peers/bare.ts')).bare,
  http: async () => (await import('./peers/banyan.ts')).banyanHttp,
} as const satisfies Record<string, () => Promise<Contender>>
export type Name = keyof typeof contenders
export const names = Object.keys(contenders) as Name[]
