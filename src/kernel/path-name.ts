import { GatewayError } from './errors.ts';

/**
 * A model's name as part of an upstream path, escaped but for its slashes:
 * names such as `tunedModels/one` are two segments, and stay so.
 *
 * @throws `invalid_request` for a name with `.` or `..` as a segment, which would lead to another path whatever its spelling
 */
export function pathName(name: string): string {
  // Half a surrogate pair has no bytes, and so no escape.
  const segments = name.toWellFormed().split('/');
  if (!segments.some((segment) => segment === '.' || segment === '..')) {
    return segments.map(encodeURIComponent).join('/');
  }
  throw new GatewayError('invalid_request', {
    message: `The model '${name.slice(0, 100)}' cannot be named to its provider: '.' and '..' are no parts of a name in a path.`,
    param: 'model',
  });
}
