import { type DraftEntra, literal } from './draft.ts';
import type { Importer } from './importer.ts';
import type { SourcePart } from './source-part.ts';

/** Azure's own two surfaces: one names a version in each request, the other (v1) names none. */
const V1_VERSIONS = new Set(['preview', 'latest', 'v1']);

/** As `file-schema.ts` takes them: what stands in a path or a query as it is. */
const PATH_PART = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** The version that chooses the older surface. One that means v1 anyway is noted, one that cannot be written is left. */
export function apiVersionOf(part: SourcePart, importer: Importer): string | undefined {
  if (part.text !== undefined && V1_VERSIONS.has(part.text)) {
    importer.ledger.noted(part);
    return undefined;
  }
  const version = pathPart(part, 'an API version such as 2024-10-21', importer);
  if (version === undefined) {
    importer.ledger.left(
      part,
      'this version cannot be written, so the v1 surface is used',
      'write api_version by hand',
    );
  }
  return version;
}

/** The name of a deployment, which may stand in a path. */
export function deploymentOf(part: SourcePart): string | undefined {
  return part.text !== undefined && PATH_PART.test(part.text) ? part.text : undefined;
}

export interface EntraParts {
  readonly tenant: SourcePart;
  readonly client: SourcePart;
  readonly secret: SourcePart;
}

/** An application of Microsoft Entra ID; `undefined` unless all of it is there. */
export function entraOf({ tenant, client, secret }: EntraParts, importer: Importer): DraftEntra | undefined {
  if (!tenant.present || client.text === undefined || client.text.length > 200 || !secret.present) return undefined;
  const tenantId = pathPart(tenant, 'the id or domain of a tenant', importer);
  if (tenantId === undefined) return undefined;
  const clientSecret =
    importer.reference(secret, 'the secret of an application') ??
    (secret.text === undefined
      ? undefined
      : importer.variables.forSecret(secret.text, 'AZURE_CLIENT_SECRET', `the secret that stood at ${secret.place}`));
  if (clientSecret === undefined) return undefined;
  const clientId = importer.reference(client, 'the id of an application') ?? literal(client.text);
  return { tenantId, clientId, clientSecret };
}

function pathPart(part: SourcePart, holds: string, importer: Importer): string | undefined {
  const variable = importer.variableIn(part);
  if (variable !== undefined) return importer.variables.as(variable, 'word', holds);
  return part.text !== undefined && PATH_PART.test(part.text) ? part.text : undefined;
}
