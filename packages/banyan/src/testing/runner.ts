import type { Chaos } from '../kernel/chaos.ts'
import type { App } from '../model/app.ts'
import type { AnyContract } from '../model/contract.ts'
import type { RootLog } from '../observe/log.ts'
import type { Running } from '../runtime/start.ts'
import type { TestInstallation } from './installation.ts'

export interface RunnerOptions {
  /** By which `split` divides the app; each service in a unit of its own unless said. */
  readonly topology?: string
  /** How many of a unit `split` starts, by the unit's name; 1 of each unless said. */
  readonly replicas?: Readonly<Record<string, number>>
  /**
   * The module whose default export is the app: `import.meta.resolve('../banyan.config.ts')`. Then `split` runs only the first unit in the
   * process of the test, and each other in a process of its own.
   */
  readonly processes?: string
  /** What `wire` injects instead of what it does by itself. With `crashes` it is the process of the test that dies. */
  readonly chaos?: Chaos
  /** An installation to run in, which is then the caller's to dispose of; unless said, one that goes with the app. */
  readonly installation?: TestInstallation
  /** Warnings and errors go to standard output unless said. */
  readonly log?: RootLog
}

/** An app that runs for a test, reached through its first unit. Disposing of it stops all units and drops what they have stored. */
export interface RunningApp<Contracts extends Record<string, AnyContract> = Record<string, AnyContract>> extends Running<Contracts> {
  /** Where each process answers, the first unit's first. */
  readonly urls: readonly string[]
}

/** A way to run an app for a test. What a test may rely on is the same in all: a body that passes under one passes under each other. */
export interface Runner {
  readonly name: 'local' | 'wire' | 'split'
  start<Contracts extends Record<string, AnyContract>>(app: App<Contracts>, options?: RunnerOptions): Promise<RunningApp<Contracts>>
}
