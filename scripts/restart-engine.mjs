// Stops the Docker engine of this machine and starts it again. Only for an engine that a test run has started itself.
import { startEngine, stopEngine } from './lib/engine.mjs';

await stopEngine();
await startEngine();
