// The code that opens a bundle: 128 random bits as words to read out and type, "lusab-babad-gutih-…". Each
// word is a consonant-vowel quintuplet of 16 bits (Wilkerson, arXiv:0901.4016). The ninth word is a check
// sum, which finds typing errors before the slow key derivation.

import { hash } from 'node:crypto'
import { CniCode, CniError } from '../../cni/error.ts'

/** Bytes of a code without its check sum. */
export const CODE_BYTES = 16

const CONSONANTS = 'bdfghjklmnprstvz'
const VOWELS = 'aiou'
const WORD = /^[bdfghjklmnprstvz][aiou][bdfghjklmnprstvz][aiou][bdfghjklmnprstvz]$/
const WORDS = CODE_BYTES / 2 + 1

/** Returns the words for {@link CODE_BYTES} random bytes. */
export function codeWords(secret: Uint8Array): string {
  const bytes = Buffer.concat([secret, checkSum(secret)])
  const words = Array.from({ length: bytes.length / 2 }, (_, index) => wordOf(bytes.readUInt16BE(index * 2)))
  return words.join('-')
}

/**
 * Returns the bytes of a code as someone typed it: in any case, its words separated by anything.
 * @throws CniError InvalidConfig that names the word that is wrong, and never the code
 */
export function readCode(text: string): Buffer {
  const words = text.toLowerCase().match(/[^\s,;.\u2013\u2014-]+/g) ?? []
  if (words.length !== WORDS)
    throw mistyped(`it has ${String(words.length)} words, a code has ${String(WORDS)}`)
  const wrong = words.findIndex((word) => !WORD.test(word))
  if (wrong !== -1)
    throw mistyped(`word ${String(wrong + 1)} is none: each has five letters, like babad or lusab`)
  const bytes = Buffer.alloc(words.length * 2)
  for (const [index, word] of words.entries()) bytes.writeUInt16BE(numberOf(word), index * 2)
  const secret = bytes.subarray(0, CODE_BYTES)
  if (!checkSum(secret).equals(bytes.subarray(CODE_BYTES)))
    throw mistyped('its last word does not fit the others, so one of them is wrong')
  return secret
}

function checkSum(secret: Uint8Array): Buffer {
  return hash('sha256', secret, 'buffer').subarray(0, 2)
}

function wordOf(number: number): string {
  const consonant = (shift: number): string => CONSONANTS.charAt((number >> shift) & 15)
  const vowel = (shift: number): string => VOWELS.charAt((number >> shift) & 3)
  return `${consonant(12)}${vowel(10)}${consonant(6)}${vowel(4)}${consonant(0)}`
}

function numberOf(word: string): number {
  return Array.from(word).reduce((sum, letter, index) => {
    const letters = index % 2 === 0 ? CONSONANTS : VOWELS
    return sum * letters.length + letters.indexOf(letter)
  }, 0)
}

function mistyped(why: string): CniError {
  return new CniError(CniCode.InvalidConfig, 'code mistyped', `${why}; type it again as it was shown`)
}
