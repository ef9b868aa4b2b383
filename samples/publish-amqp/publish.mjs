// Publishes one message to Push over AMQP.
//   npm ci && node publish.mjs 1001 '{"minute":67,"score":[2,1]}'     to a room
//   node publish.mjs '' 'Full time'                                   to everybody
// AMQP_URL is the broker's address; the default is amqp://localhost.
import { randomUUID } from 'node:crypto';
import amqp from 'amqplib';

const [roomId = '', text = 'Hello from Node.js'] = process.argv.slice(2);

function parse(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : text;
  } catch {
    return text;
  }
}

const request = {
  id: randomUUID(), // a retry with the same id is delivered once
  message: parse(text),
  publishedAt: new Date().toISOString(),
  ...(roomId && { roomId }),
};

const hint = 'no Push service has set up the stream yet: start one with this broker and virtual host';

async function publish() {
  const connection = await amqp.connect(process.env.AMQP_URL ?? 'amqp://localhost');
  let failure; // why the broker has closed the channel or the connection
  connection.on('error', (error) => { failure ??= error; });
  const channel = await connection.createConfirmChannel();
  channel.on('error', (error) => { failure ??= error; });
  let returned = false;
  channel.on('return', () => { returned = true; });

  channel.publish('Push.Contracts:PushRequested', '', Buffer.from(JSON.stringify(request)), {
    contentType: 'application/json',
    persistent: true,
    mandatory: true, // without it, a message that no queue takes is confirmed all the same
    headers: { target: roomId ? `room:${roomId}` : '*', 'push-id': request.id },
  });
  try {
    await channel.waitForConfirms();
  } catch (error) {
    failure ??= error;
    throw failure.code === 404 ? new Error(`the exchange is missing: ${hint}`) : failure;
  } finally {
    await connection.close().catch(() => {}); // it may be closed already
  }

  if (returned) {
    throw new Error(`no queue took the message: ${hint}`);
  }
}

try {
  await publish();
  console.log(`confirmed ${request.id}`);
} catch (error) {
  console.error(`not published: ${error.message || error.code}`);
  process.exitCode = 1;
}
