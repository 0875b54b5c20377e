/** The events of one session, so that a client can resume a stream after the last one that it has seen. */
export class EventStore {
  #events = [];

  async storeEvent(streamId, message) {
    this.#events.push({ streamId, message });
    return String(this.#events.length);
  }

  async getStreamIdForEventId(eventId) {
    return this.#events[Number(eventId) - 1]?.streamId;
  }

  async replayEventsAfter(lastEventId, { send }) {
    const streamId = this.#events[Number(lastEventId) - 1]?.streamId;
    for (const [i, event] of this.#events.entries()) {
      const isMessage = Object.keys(event.message).length > 0;
      if (i >= Number(lastEventId) && event.streamId === streamId && isMessage)
        await send(String(i + 1), event.message);
    }
    return streamId;
  }
}
