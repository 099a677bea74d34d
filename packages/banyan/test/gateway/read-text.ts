import type { GatewayConfig } from '../../src/gateway/config.ts'
import { mistakesOf } from '../../src/gateway/file/mistake.ts'
import { gatewayConfig } from '../../src/gateway/file/read.ts'
import type { PolicyKind } from '../../src/gateway/policy-kind.ts'

interface TextReader {
  read(text: string, env?: Record<string, string>): GatewayConfig
  /** What is wrong with a text, as lines; none where nothing is. */
  mistakes(text: string, env?: Record<string, string>): readonly string[]
}

/** Reads texts as gateway files of these kinds of policies. */
export function textReader(kinds: readonly PolicyKind[]): TextReader {
  const read: TextReader['read'] = (text, env = {}) => gatewayConfig(text, { path: 'gateway.yaml', kinds, env })
  return {
    read,
    mistakes(text, env) {
      try {
        read(text, env)
        return []
      } catch (error) {
        return mistakesOf(error)!.map(({ line, column, message }) => `${line}:${column} ${message}`)
      }
    },
  }
}
