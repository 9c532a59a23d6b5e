import type { Route, RouteContext } from '../edge/http/routes.ts';
import type { PageDesk } from './page/page-desk.ts';

const PATHS = ['/', '/page/live', '/page.js', '/page.css'];

/** The page's paths. The desk asks for its own session: a browser shows a link that has run out better than JSON. */
export function pageRoutes(desk: () => PageDesk): Route[] {
  return PATHS.map((path) => ({
    method: 'GET',
    path,
    guard: 'page',
    metering: 'none',
    handle: (context) => answer(path, context, desk()),
  }));
}

function answer(path: string, { req, res, query }: RouteContext, desk: PageDesk): void {
  const given = desk.answer({
    method: req.method ?? 'GET',
    path,
    query: new URLSearchParams(query),
    cookie: req.headers.cookie,
  });
  if (given === undefined) {
    res.writeHead(404).end();
    return;
  }
  res.writeHead(given.status, given.headers);
  if (!('open' in given)) {
    res.end(given.body);
    return;
  }
  res.flushHeaders();
  given.open({
    send: (chunk) => !res.destroyed && res.write(chunk),
    onClose: (listener) => res.once('close', listener),
    end: () => res.end(),
  });
}
