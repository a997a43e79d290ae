// Stands for the new system: takes events over HTTP and writes each as a line. Usage: node examples/sink.mjs PORT
import { createServer } from 'node:http';

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  process.stdout.write(`${Buffer.concat(chunks)}\n`);
  // Only now: what is answered 2xx counts as delivered.
  response.writeHead(200).end();
});
server.listen(Number(process.argv[2]), '127.0.0.1');
process.on('SIGTERM', () => server.close(() => process.exit(0)));
