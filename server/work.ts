/**
 * What the thread of the store begins with. It loads the database and nothing else of the relay: a start waits for it.
 */
import { parentPort } from 'node:worker_threads';
import { serve } from './serve.ts';

if (parentPort !== null) serve(parentPort);
