// The part of `flatnet-cni join` that is about the kernel.

import { modprobeSteps } from '../../../check/items/sys/modprobe.ts'
import { modulesOf } from '../../../net/kernel-needs.ts'
import type { JoinPlan } from '../../../setup/plan-join.ts'

/** The plan for the kernel in JSON. */
export function kernelData({ kernel: { atStart, load, lacks } }: JoinPlan): object {
  return { modulesAtStart: atStart, load, lacks: lacks.map(({ feature, said }) => ({ feature, said })) }
}

/** The plan for the kernel in lines of text: modules to load, and what is missing with what to do. */
export function kernelLines({ kernel: { load, lacks }, surroundings }: JoinPlan): readonly string[] {
  const { kernel } = surroundings
  const loaded = load.length === 0 ? [] : [`load modules of the kernel: ${load.join(' ')}`]
  if (lacks.length === 0) return loaded
  const modules = [...new Set(lacks.flatMap(({ feature }) => modulesOf(feature)))]
  return [
    ...loaded,
    ...lacks.map(({ feature, said }) => `note: kernel ${kernel.release} lacks ${feature}: ${said}`),
    ...modprobeSteps(modules, kernel).map((step) => `  ${step}`),
  ]
}
