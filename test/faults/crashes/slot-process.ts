import type { SlotOptions } from './slot.ts';
import { explore } from './slot.ts';

// A process of its own for each slot: it uses a core, and a program that takes the process with it is noticed.
const options = JSON.parse(process.argv[2] ?? '') as SlotOptions;
await explore(options, (message) => process.send?.(message));
process.disconnect();
