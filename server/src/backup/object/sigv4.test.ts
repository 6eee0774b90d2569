// AWS's own vectors: those of its signature test suite, and those of the S3 manual.

import { expect, test } from 'vitest'
import { signed } from './sigv4.ts'

const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const suite = { key: 'AKIDEXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', region: 'us-east-1' }
const manual = { key: 'AKIAIOSFODNN7EXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', region: 'us-east-1' }
const signatureOf = ({ authorization }: Record<string, string>) => authorization?.split('Signature=')[1]

test.each([
  ['get-vanilla', 'GET', '/', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
  ['post-vanilla', 'POST', '/', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
  [
    'get-vanilla-query-order-key-case',
    'GET',
    '/?Param2=value2&Param1=value1',
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  ],
])('%s of the test suite', (_, method, path, signature) => {
  const url = new URL(path, 'https://example.amazonaws.com')
  const sign = signed({ method, url, bodyHash: empty, service: 'service' }, suite, Date.parse('2015-08-30T12:36:00Z'))
  expect(signatureOf(sign)).toBe(signature)
})

test.each([
  [
    'an object',
    '/test.txt',
    { range: 'bytes=0-9' },
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  ],
  ['a part without a value', '/?lifecycle', {}, 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
  ['a list', '/?max-keys=2&prefix=J', {}, '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
])('%s of the manual', (_, path, headers, signature) => {
  const url = new URL(path, 'https://examplebucket.s3.amazonaws.com')
  const sign = signed({ method: 'GET', url, headers, bodyHash: empty }, manual, Date.parse('2013-05-24T00:00:00Z'))
  expect(signatureOf(sign)).toBe(signature)
})
