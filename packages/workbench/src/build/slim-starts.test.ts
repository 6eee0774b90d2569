import { expect, test } from 'vitest'
import { withLazyRequires } from './slim-starts.ts'

const run = (source: string, modules: Record<string, unknown>) => {
  const asked: string[] = []
  const require = (name: string) => {
    asked.push(name)
    return modules[name]
  }
  const result = new Function('require', `${withLazyRequires(source)}\nreturn result`)(require)
  return { asked, result }
}

test('a required module is loaded when something of it is used, once', () => {
  const source = `const a_1 = require("a");\nconst b_1 = require("b");\nconst result = (0, a_1.f)() + a_1.n`
  expect(run(source, { a: { f: () => 1, n: 2 } })).toEqual({ asked: ['a'], result: 3 })
})

test('a class of a module can be made and extended', () => {
  class A {
    n = 1
  }
  const source = `const a_1 = require("a");\nclass B extends a_1.A {}\nconst result = new a_1.A().n + new B().n`
  expect(run(source, { a: { A } }).result).toBe(2)
})

test('a property of the same name is left alone', () => {
  const source = `const a_1 = require("a");\nconst x = { a_1: { f: 1 } };\nconst result = x.a_1.f`
  expect(run(source, {})).toEqual({ asked: [], result: 1 })
})
