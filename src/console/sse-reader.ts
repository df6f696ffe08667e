/** Server-sent events out of a stream of text that comes in pieces. */

export interface SseEvent {
  readonly event: string;
  readonly data: string;
}

/** LF, CR LF or CR; a CR at the very end waits, for its LF may come with the next piece. */
const LINE_END = /\r\n|\n|\r(?=[^])/;

/** `push` answers the events that became whole; an event that the stream ends within is dropped, as the standard says. */
export function createSseReader(): { push(text: string): SseEvent[] } {
  let rest = '';
  let event = '';
  let data: string[] = [];
  const take = (line: string): SseEvent | null => {
    if (line === '') {
      const whole = data.length === 0 ? null : { event: event === '' ? 'message' : event, data: data.join('\n') };
      event = '';
      data = [];
      return whole;
    }
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') event = value;
    if (field === 'data') data.push(value);
    return null;
  };
  return {
    push(text) {
      rest += text;
      const events: SseEvent[] = [];
      for (let end = LINE_END.exec(rest); end !== null; end = LINE_END.exec(rest)) {
        const whole = take(rest.slice(0, end.index));
        rest = rest.slice(end.index + end[0].length);
        if (whole !== null) events.push(whole);
      }
      return events;
    },
  };
}
