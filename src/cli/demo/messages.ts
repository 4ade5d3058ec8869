/** What the demo's people write. Tests look for every one of these where none may be. */
export const messages = {
  everyone: 'Incident declared. We talk here and nowhere else.',
  first: 'Mail gateway is sending from our own domain. Treat mail and chat as hostile.',
  reply: 'Confirmed on srv-dc-02: someone else holds a domain administrator token.',
  order: 'Isolate the domain controllers now. Nobody logs in with an admin account until I say so.',
  done: 'Domain controllers are off the network since 03:12.',
} as const;
