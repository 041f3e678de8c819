import { createMemoryCheckpointStore } from '../fakes/memory-checkpoint-store';
import { createMemoryObjectStore } from '../fakes/memory-object-store';
import { describeCheckpointStore } from './checkpoint-store.contract';
import { describeObjectStore } from './object-store.contract';

describeObjectStore('in memory', async () => ({ store: createMemoryObjectStore(), close: async () => undefined }));

describeCheckpointStore('in memory', async () => ({
  store: createMemoryCheckpointStore(),
  close: async () => undefined,
}));
