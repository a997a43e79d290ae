// Loaded before a program (node --import) where there is no GNU time: tells what it used when it ends.
import { writeFileSync } from 'node:fs';

const target = process.env.CCC_USAGE_FILE;
process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  if (target !== undefined) writeFileSync(target, JSON.stringify({ cpu: (userCPUTime + systemCPUTime) / 1e6, peak: maxRSS / 1024 }));
});
