// Several hosts at the same time, each taking work from one list: calls wait for the kernel and the disk
// more than they compute.

/**
 * Works through the items, `count` at a time.
 * @param makeWorker returns a function that handles one item after another
 */
export async function shareOut<Item, Result>(
  items: readonly Item[],
  count: number,
  makeWorker: () => Promise<(item: Item) => Promise<Result>>,
): Promise<readonly Result[]> {
  const results: Result[] = []
  const queue = items.entries()
  const serve = async (): Promise<void> => {
    const work = await makeWorker()
    for (const [index, item] of queue) results[index] = await work(item)
  }
  await Promise.all(Array.from({ length: count }, serve))
  return results
}
