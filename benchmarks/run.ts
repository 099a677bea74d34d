import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Benchmark, Report } from './report.ts'

const directory = import.meta.dirname
const names = readdirSync(directory).filter((name) => existsSync(join(directory, name, 'main.ts')))
const name = process.argv.slice(2).find((argument) => !argument.startsWith('--'))
const json = process.argv.includes('--json')

if (name === undefined || !names.includes(name)) {
  process.stderr.write(`Usage: npm run bench -- NAME [--json]\n\nBenchmarks: ${names.join(', ')}\n`)
  process.exit(2)
}

const { run } = (await import(join(directory, name, 'main.ts'))) as { run: Benchmark }
const report = await run((line) => void process.stderr.write(`${line}\n`))
process.stdout.write(json ? `${JSON.stringify(machineReadable(report))}\n` : readable(report))

function machineReadable({ name, node, runs, goals }: Report): Omit<Report, 'text'> {
  return { name, node, runs, goals }
}

function readable({ name, node, runs, goals, text }: Report): string {
  const lines = goals.map(({ what, goal, measured, met }) => `${met ? 'met    ' : 'NOT MET'}  ${what}: ${measured} (goal: ${goal})`)
  return `\n${name}, Node ${node}, medians of ${runs} runs\n\n${text}\n\n${lines.join('\n')}\n`
}
