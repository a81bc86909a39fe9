/** Where an engine keeps its images: `docker info` calls them by their driver, overlay2 or io.containerd.snapshotter.v1. */
export type ImageStore = 'overlay2' | 'containerd'

/** The store of the daemons that the tests start, as HOMELAB_TEST_STORE says it. @throws Error for one that there is not. */
export function storeOfTests({HOMELAB_TEST_STORE: store = 'overlay2'}: NodeJS.ProcessEnv): ImageStore {
  if (store === 'overlay2' || store === 'containerd') return store
  throw new Error(`HOMELAB_TEST_STORE is ${store}: overlay2 or containerd`)
}
