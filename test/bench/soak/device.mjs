/** One device of the soak: enters, tails its topics from its own cursors, appends, and counts what it is given. */
import WebSocket from 'ws';
import { accessProof } from '../../../dist/src/core/admission.js';
import { domain } from '../../../dist/src/core/label.js';
import { sodium } from '../../../dist/src/core/sodium.js';
import { decodeRelayFrame, encodeClientFrame } from '../../../dist/src/wire/frame.js';

export class Device {
  socket;
  isInside = false;
  #wanted = false;
  #refs = 0;
  #sent = new Map();
  #cursors = new Map();

  /** `world`: where the relay is, the organisation, and who counts; `topics`: what it listens to, its room first. */
  constructor(world, keys, topics, address) {
    this.world = world;
    this.keys = keys;
    this.topics = topics;
    this.address = address;
  }

  connect() {
    this.#wanted = true;
    const { port, pin, org, count } = this.world;
    const socket = new WebSocket(`wss://127.0.0.1:${port}/`, {
      perMessageDeflate: false,
      rejectUnauthorized: false,
      localAddress: this.address,
    });
    this.socket = socket;
    const send = (frame) => socket.send(encodeClientFrame(frame));
    socket.on('open', () => send({ type: 'hello', versions: [1] }));
    socket.on('message', (data) => {
      const frame = decodeRelayFrame(data);
      if (frame.type === 'challenge') {
        const proof = domain('sign', 'access', ...accessProof(frame.nonce, pin, org, frame.version));
        const signature = sodium().crypto_sign_detached(proof, this.keys.secret);
        send({ type: 'proof', org, access: this.keys.access, signature });
      } else if (frame.type === 'welcome') {
        this.isInside = true;
        count.inside += 1;
        for (const topic of this.topics) send({ type: 'tail', topic, from: this.#cursors.get(topic) ?? 0 });
      } else this.#take(frame);
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      if (this.isInside) count.inside -= 1;
      this.isInside = false;
      count.unanswered += this.#sent.size;
      this.#sent.clear();
      if (!this.#wanted) return;
      count.cut += 1;
      setTimeout(() => this.connect(), 500 + Math.random() * 1000);
    });
  }

  leave() {
    this.#wanted = false;
    this.socket?.terminate();
  }

  append(envelope) {
    this.#refs += 1;
    this.#sent.set(this.#refs, performance.now());
    this.world.count.waiting += 1;
    this.socket.send(encodeClientFrame({ type: 'append', ref: this.#refs, items: [[this.topics[0], envelope]] }));
  }

  cast(bytes) {
    this.socket.send(encodeClientFrame({ type: 'cast', topic: this.topics[0], bytes }));
  }

  #take(frame) {
    const { count } = this.world;
    const nowMs = performance.now();
    if (frame.type === 'appended') {
      count.ackMs.push(nowMs - (this.#sent.get(frame.ref) ?? nowMs));
      count.acknowledged += 1;
      this.#sent.delete(frame.ref);
    } else if (frame.type === 'refused') {
      count.refused[frame.code] = (count.refused[frame.code] ?? 0) + 1;
      if (frame.ref !== undefined) this.#sent.delete(frame.ref);
    } else if (frame.type === 'deliver') {
      for (const [offset, , envelope] of frame.items) {
        if (offset <= (this.#cursors.get(frame.topic) ?? 0)) count.outOfOrder += 1;
        this.#cursors.set(frame.topic, offset);
        count.delivered += 1;
        const sentMs = new DataView(envelope.buffer, envelope.byteOffset).getFloat64(0);
        // What comes from the backlog was sent long ago and says nothing about the way.
        if (this.#isLive.has(frame.topic)) count.wayMs.push(nowMs - sentMs);
      }
    } else if (frame.type === 'live') this.#isLive.add(frame.topic);
    else if (frame.type === 'cast') count.casts += 1;
  }

  #isLive = new Set();

  /** Gone for a while: what comes next is a backlog. */
  reconnect(pauseMs) {
    this.leave();
    this.#isLive.clear();
    setTimeout(() => this.connect(), pauseMs);
  }

  /** As a device that was set up anew: all of its room again. */
  forget() {
    this.#cursors.delete(this.topics[0]);
  }
}
