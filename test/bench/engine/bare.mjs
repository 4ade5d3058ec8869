/** One relay's append as bare as it can be: a socket, a frame that is made by hand, and its answer. Nothing is kept here. */
import WebSocket from 'ws';
import { accessProof } from '../../../dist/src/core/admission.js';
import { domain } from '../../../dist/src/core/label.js';
import { sodium } from '../../../dist/src/core/sodium.js';
import { systemRandom } from '../../../dist/src/responder/device.js';
import { decodeRelayFrame, encodeClientFrame } from '../../../dist/src/wire/frame.js';
import { accessKey, topicId } from '../../../dist/src/wire/id.js';

/** `i`: the device of the organisation that it enters as. */
export async function bareRelay(org, i) {
  const { access } = org.people[i].ring.keys;
  const { pin, port } = org.hosts[0];
  const socket = new WebSocket(`wss://127.0.0.1:${port}/`, { perMessageDeflate: false, rejectUnauthorized: false });
  let answered = () => undefined;
  await new Promise((done, fail) => {
    socket.once('error', fail);
    socket.on('open', () => {
      socket._socket.setNoDelay(true);
      socket.send(encodeClientFrame({ type: 'hello', versions: [1] }));
    });
    socket.on('message', (bytes) => {
      const frame = decodeRelayFrame(bytes);
      if (frame.type === 'challenge') {
        const signed = domain('sign', 'access', ...accessProof(frame.nonce, pin, org.list.org, frame.version));
        const signature = sodium().crypto_sign_detached(signed, access.secret.open());
        socket.send(
          encodeClientFrame({ type: 'proof', org: org.list.org, access: accessKey.of(access.publicKey), signature }),
        );
      } else if (frame.type === 'welcome') done();
      else if (frame.type === 'appended') answered();
      else if (frame.type === 'refused') fail(new Error(`refused: ${frame.code}`));
    });
  });
  const topic = topicId.of(systemRandom(32));
  let ref = 0;
  return {
    append: (bytes) =>
      new Promise((done) => {
        answered = done;
        ref += 1;
        socket.send(encodeClientFrame({ type: 'append', ref, items: [[topic, systemRandom(bytes)]] }));
      }),
    close: () => socket.terminate(),
  };
}
