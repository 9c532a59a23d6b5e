import type { Route, RouteContext } from '../edge/http/routes.ts';
import type { PageDesk, PageRequest } from './page/page-desk.ts';

const PATHS = ['/', '/page/live', '/page.js', '/page.css'];

/** The page's paths. The desk asks for its own session: a browser shows a link that has run out better than JSON. */
export function pageRoutes(desk: () => PageDesk): Route[] {
  const page = (path: string, handle: Route['handle']): Route => ({
    method: 'GET',
    path,
    guard: 'page',
    metering: 'none',
    handle,
  });
  return [
    ...PATHS.map((path) => page(path, (context) => answer(path, context, desk()))),
    page('/usage', async (context) => {
      const { status, headers, body } = await desk().usage(requestOf('/usage', context));
      context.res.writeHead(status, headers).end(body);
    }),
  ];
}

function requestOf(path: string, { req, query }: RouteContext): PageRequest {
  return { method: req.method ?? 'GET', path, query: new URLSearchParams(query), cookie: req.headers.cookie };
}

function answer(path: string, context: RouteContext, desk: PageDesk): void {
  const { res } = context;
  const given = desk.answer(requestOf(path, context));
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
