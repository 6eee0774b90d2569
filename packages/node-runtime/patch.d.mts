export type Hunks = readonly unknown[]
export function readPatches(): Map<string, Hunks>
export function patchesHash(): string
export function patched(text: string, hunks: Hunks): string
export function unpatched(text: string, hunks: Hunks): string
export function patchPackages(packages: string): void
