import type { ServerResponse } from 'node:http';
import type { ClientSink } from '../../exchange/call.ts';

/** An exchange's client, on a Node response. Writing to one that is gone does nothing: its `close` has already been heard. */
export function clientSink(res: ServerResponse): ClientSink {
  return {
    head(status, headers) {
      if (!res.destroyed && !res.headersSent) res.writeHead(status, headers as string[]);
    },
    write: (bytes) => res.destroyed || res.write(bytes),
    end(bytes) {
      if (res.destroyed) return;
      if (bytes === undefined) res.end();
      else res.end(bytes);
    },
  };
}
