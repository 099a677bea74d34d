import { duplexPair } from 'node:stream'
import type { RemoteUnit } from '../http/client.ts'
import { defaultLimits } from '../http/options.ts'
import { WireSurface, type WireSurfaceOptions } from './surface.ts'
import { wireUnit, type WireUnitOptions } from './wire-unit.ts'

export interface LoopbackOptions extends WireSurfaceOptions, Pick<WireUnitOptions, 'voice'> {}

/**
 * The way to this very process, as if it were another: what goes over the wire between units is written and read here by the same code, frame
 * by frame, over a stream in memory.
 */
export function loopback({ voice, ...options }: LoopbackOptions): RemoteUnit {
  const surface = new WireSurface(options, defaultLimits)
  const dial = async () => {
    const [near, far] = duplexPair()
    surface.attach(far)
    return near
  }
  const unit = wireUnit({ origin: 'http://loopback', voice, log: options.log, dial })
  return {
    call: (operation, input, envelope) => unit.call(operation, input, envelope),
    feed: (service, request, signal) => unit.feed(service, request, signal),
    async [Symbol.asyncDispose]() {
      await unit[Symbol.asyncDispose]()
      surface[Symbol.dispose]()
    },
  }
}
