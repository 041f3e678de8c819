import { rmSync } from 'node:fs';
import { running } from './set-up';

/** Ends the server and removes what it and the world wrote. */
// biome-ignore lint/style/noDefaultExport: jest asks for it.
export default async function tearDown(): Promise<void> {
  await running.server?.close();
  if (running.folder !== undefined) rmSync(running.folder, { recursive: true, force: true });
}
