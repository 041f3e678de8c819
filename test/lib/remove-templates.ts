import { rmSync } from 'node:fs';
import { TEMPLATES_VARIABLE } from './templates';

// biome-ignore lint/style/noDefaultExport: jest asks for it.
export default function removeTemplates(): void {
  const folder = process.env[TEMPLATES_VARIABLE];
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}
