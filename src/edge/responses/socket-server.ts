import { WebSocketServer } from 'ws';
import { SocketSession, type SocketSessionParts } from './socket-session.ts';

/** Made for each connection: it holds nothing, and the largest message is the gateway's own limit. */
export function openSocket(parts: Omit<SocketSessionParts, 'ws'>): void {
  const { bodies, context } = parts;
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: bodies.bodyBytesMax,
  });
  const { req, socket, head } = context;
  if (socket.destroyed) return;
  server.handleUpgrade(req, socket, head, (ws) => new SocketSession({ ...parts, ws }).open());
}
