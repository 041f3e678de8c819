import { createMemoryCheckpointStore } from '../fakes/memory-checkpoint-store';
import { createMemoryObjectStore } from '../fakes/memory-object-store';
import { createMemorySigner } from '../fakes/memory-signer';
import { describeCheckpointStore } from './checkpoint-store.contract';
import { describeNoteSigner } from './note-signer.contract';
import { describeObjectStore } from './object-store.contract';

describeObjectStore('in memory', async () => ({ store: createMemoryObjectStore(), close: async () => undefined }));

describeCheckpointStore('in memory', async () => ({
  store: createMemoryCheckpointStore(),
  close: async () => undefined,
}));

describeNoteSigner('in memory', async () => {
  const signer = createMemorySigner();
  return { signer, fail: signer.setFailure, close: async () => undefined };
});
