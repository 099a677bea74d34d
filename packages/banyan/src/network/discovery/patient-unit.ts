import type { RemoteUnit } from '../http/client.ts'
import type { Presence } from './presence.ts'

/** The way to a unit, on which requests wait for its first instance. */
export function patientUnit(way: RemoteUnit, presence: Pick<Presence, 'present' | 'wait'>): RemoteUnit {
  return {
    call(operation, input, envelope) {
      if (presence.present) return way.call(operation, input, envelope)
      const waiting = presence.wait({ name: `${operation.service}.${operation.name}`, deadline: envelope.deadline, signal: envelope.signal })
      return waiting ? waiting.then(() => way.call(operation, input, envelope)) : way.call(operation, input, envelope)
    },
    feed(service, request, signal) {
      const waiting = presence.wait({ name: `${service}.feed`, signal })
      return waiting ? waiting.then(() => way.feed(service, request, signal)) : way.feed(service, request, signal)
    },
    [Symbol.asyncDispose]: () => way[Symbol.asyncDispose](),
  }
}
