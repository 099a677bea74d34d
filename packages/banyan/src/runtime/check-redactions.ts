import { outputJsonSchema, type JsonSchema } from '../kernel/schema.ts'
import { operationsOf } from '../model/contract.ts'
import type { ServiceFacts } from '../model/service.ts'
import { fieldAt, redactionPath } from './redaction-path.ts'

/** What is wrong with the paths of what a service keeps back. */
export function redactionMistakes(name: string, { contract, policies }: ServiceFacts): string[] {
  return operationsOf(contract).flatMap((operation) => {
    const paths = Object.keys(policies[operation.name]?.redact ?? {})
    if (paths.length === 0) return []
    const own = `the policy of '${name}.${operation.name}'`
    const { output } = operation.facts
    if (!output) return [`${own} has \`redact\`, but the operation has no output`]
    let schema: JsonSchema
    try {
      schema = outputJsonSchema(output)
    } catch {
      return [] // said already, as a wire mistake
    }
    return paths.flatMap((path) => {
      const found = fieldAt(schema, redactionPath(path))
      return 'wrong' in found ? [`${own}: the path '${path}' of \`redact\` ${found.wrong}`] : []
    })
  })
}
