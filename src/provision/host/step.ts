// One step of setting a host up, and what was found where it acts.

/** What is at a path. `sha256` is of the bytes; a link's target is as it stands in the link. */
export type Found =
  | { readonly kind: 'absent' }
  | { readonly kind: 'file'; readonly mode: number; readonly sha256: string }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'folder'; readonly mode: number }
  /** A device, a pipe, a socket. */
  | { readonly kind: 'other' }

/** What is wanted at a path. All of it belongs to root. */
export type Wanted =
  | { readonly kind: 'folder'; readonly path: string; readonly mode: number; readonly what: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string; readonly what: string }
  | {
      readonly kind: 'file'
      readonly path: string
      readonly mode: number
      readonly what: string
      readonly content: Content
    }

/** The bytes of a file: a text, or those of another file of this host. */
export type Content =
  { readonly text: string; readonly sha256: string } | { readonly copyOf: string; readonly sha256: string }

/** 'keep': it is there already. 'mode': only its mode differs. */
export type Change = 'create' | 'replace' | 'mode' | 'keep'

/** What a step does. */
export interface Step {
  readonly wanted: Wanted
  readonly change: Change
  readonly found: Found
}

/** A unit of systemd to start, or to restart because one of its files changed. */
export interface UnitStep {
  readonly unit: string
  readonly change: 'start' | 'restart' | 'keep'
}
