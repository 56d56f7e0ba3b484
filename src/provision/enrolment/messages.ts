// What office and host say to each other, once the code has opened the channel:
//
//   office  hello         who it is, its curve, its CA, its clock
//   host    programs      which programs of Nebula would I get? only a host that lacks one asks
//   office  programs      their sizes and hashes
//   host    program       one of them
//   office  piece …       its bytes, in as many messages as they need
//   host    preview       what would I get? nothing is assigned or signed
//   office  preview
//   host    request       the public half of its key
//   office  certificate   and everything else of a bundle but the private key
//   host    received      certificate and key are on its disk
//   office  done          the code is used up
//
// The office may answer `refused` at any point. Each message has "version": 1.

import { CniCode, CniError } from '../../cni/error.ts'
import { isObject, type JsonObject } from '../../json.ts'
import type { Curve } from '../../nebula/certificate/certificate.ts'
import { CURVES } from '../../nebula/certificate/certificate.ts'
import { hostName } from '../office/words.ts'
import { unreadable } from './frames.ts'
import {
  type Machine,
  MACHINES,
  type OfferedProgram,
  PROGRAM_NAMES,
  type ProgramName,
  readOffer,
  readPiece,
} from './programs.ts'

/** Bytes of the largest message of a host. */
export const MOST_FROM_HOST = 4096
/** Bytes of the largest message of an office: a thousand peers make two megabytes. */
export const MOST_FROM_OFFICE = 16_777_216

export interface Hello {
  readonly kind: 'hello'
  readonly office: string
  /** The name of the host that is invited. */
  readonly name: string
  readonly curve: Curve
  /** Fingerprint of the CA. */
  readonly authority: string
  /** Unix seconds of the office's clock. */
  readonly time: number
}

export interface Refusal {
  readonly kind: 'refused'
  readonly message: string
  readonly details: string
}

/** `bundle` is checked by its own reader. */
export type FromOffice =
  | Hello
  | Refusal
  | { readonly kind: 'programs'; readonly programs: readonly OfferedProgram[] }
  | { readonly kind: 'piece'; readonly data: Buffer }
  | { readonly kind: 'preview'; readonly bundle: JsonObject }
  | { readonly kind: 'certificate'; readonly bundle: JsonObject }
  | { readonly kind: 'done' }

export type FromHost =
  | { readonly kind: 'programs'; readonly machine: Machine }
  | { readonly kind: 'program'; readonly name: ProgramName }
  | { readonly kind: 'preview' }
  | { readonly kind: 'request'; readonly publicKey: string }
  | { readonly kind: 'received'; readonly fingerprint: string }

/** Returns a message with its version. */
export function versioned(message: FromOffice | FromHost): object {
  return message.kind === 'piece'
    ? { version: 1, kind: message.kind, data: message.data.toString('base64') }
    : { version: 1, ...message }
}

/** Reads a message of a host. @throws CniError DecodeFailure */
export function readFromHost(object: JsonObject): FromHost {
  const read = readerOf(object, 'the host')
  switch (read.kind) {
    case 'programs':
      read.only(['machine'])
      return {
        kind: 'programs',
        machine: MACHINES.find((each) => each === object['machine']) ?? read.wrong('machine'),
      }
    case 'program':
      read.only(['name'])
      return {
        kind: 'program',
        name: PROGRAM_NAMES.find((each) => each === object['name']) ?? read.wrong('name'),
      }
    case 'preview':
      read.only([])
      return { kind: 'preview' }
    case 'request':
      read.only(['publicKey'])
      return { kind: 'request', publicKey: read.text('publicKey') }
    case 'received':
      read.only(['fingerprint'])
      return { kind: 'received', fingerprint: read.text('fingerprint') }
    default:
      throw unreadable('the host', 'a message is of an unknown kind')
  }
}

/** Reads a message of an office. @throws CniError DecodeFailure */
export function readFromOffice(object: JsonObject): FromOffice {
  const read = readerOf(object, 'the office')
  switch (read.kind) {
    case 'hello':
      read.only(['office', 'name', 'curve', 'authority', 'time'])
      return {
        kind: 'hello',
        office: read.text('office'),
        name: hostName(read.text('name'), 'the office: name'),
        curve: CURVES.find((each) => each === object['curve']) ?? read.wrong('curve'),
        authority: read.text('authority'),
        time: read.seconds('time'),
      }
    case 'refused':
      read.only(['message', 'details'])
      return {
        kind: 'refused',
        message: printable(read.text('message')),
        details: printable(read.text('details')),
      }
    case 'programs':
      read.only(['programs'])
      return { kind: 'programs', programs: readOffer(object['programs']) ?? read.wrong('programs') }
    case 'piece':
      read.only(['data'])
      return { kind: 'piece', data: readPiece(object['data']) ?? read.wrong('data') }
    case 'preview':
    case 'certificate': {
      read.only(['bundle'])
      const bundle = object['bundle']
      return { kind: read.kind, bundle: isObject(bundle) ? bundle : read.wrong('bundle') }
    }
    case 'done':
      read.only([])
      return { kind: 'done' }
    default:
      throw unreadable('the office', 'a message is of an unknown kind')
  }
}

/**
 * Returns a message of the kind that is due. @throws CniError as the office refused, or DecodeFailure
 */
export function expected<Kind extends FromOffice['kind']>(
  message: FromOffice | undefined,
  kind: Kind,
): Extract<FromOffice, { readonly kind: Kind }> {
  if (message === undefined) throw cutOff()
  if (message.kind === 'refused')
    throw new CniError(CniCode.CertificateRefused, `the office refuses: ${message.message}`, message.details)
  if (isKind(message, kind)) return message
  throw unreadable('the office', `a message "${message.kind}" came where "${kind}" is due`)
}

function isKind<Kind extends FromOffice['kind']>(
  message: FromOffice,
  kind: Kind,
): message is Extract<FromOffice, { readonly kind: Kind }> {
  return message.kind === kind
}

/** The error for a connection that ends too early. */
export function cutOff(): CniError {
  return new CniError(
    CniCode.IoFailure,
    'connection lost',
    'the office closed it before it was done: see what `host invite` says there, start it again ' +
      'if it was stopped, and run the same command again; the code stays good',
  )
}

// The words go to a terminal.
function printable(text: string): string {
  return text.replace(/[^\P{C}\n]/gu, '?')
}

interface Reader {
  readonly kind: unknown
  readonly only: (keys: readonly string[]) => void
  readonly text: (key: string) => string
  readonly seconds: (key: string) => number
  readonly wrong: (key: string) => never
}

const MOST_TEXT = 4096

function readerOf(object: JsonObject, from: string): Reader {
  const wrong = (key: string): never => {
    throw unreadable(from, `${key} is missing or has another form`)
  }
  if (object['version'] !== 1) throw unreadable(from, 'it speaks another version of the protocol')
  return {
    kind: object['kind'],
    only: (keys) => {
      const known = ['version', 'kind', ...keys]
      if (Object.keys(object).some((key) => !known.includes(key))) throw unreadable(from, 'an unknown key')
    },
    text: (key) => {
      const value = object[key]
      return typeof value === 'string' && value !== '' && value.length <= MOST_TEXT ? value : wrong(key)
    },
    seconds: (key) => {
      const value = object[key]
      return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : wrong(key)
    },
    wrong,
  }
}
