import type { AnyOperation } from '../../model/operation.ts'

/** Where a unit of the same app reaches an operation. */
export function peerPath(operation: AnyOperation): string {
  return `/~/${operation.service}/${operation.name}`
}

/** Where a unit tells those who operate the app how it and its ways to other units are. */
export const WAYS_PATH = '/~/ways'

/** Where a unit of the same app reads a service's feed. */
export function feedPath(service: string): string {
  return `/~/${service}/~feed` // an operation's name is an identifier, so none is called this
}
