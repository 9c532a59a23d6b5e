import { z } from 'zod';

/** A key as the admin API shows it: never the secret itself. Fields this version does not know are kept. */
export const keyView = z.looseObject({
  id: z.string(),
  name: z.string().nullish(),
  prefix: z.string().nullish(),
  last4: z.string().nullish(),
  project: z.string().nullish(),
  parent: z.string().nullish(),
  scopes: z.array(z.string()).nullish(),
  created_at: z.union([z.string(), z.number()]).nullish(),
  expires_at: z.union([z.string(), z.number()]).nullish(),
  revoked_at: z.union([z.string(), z.number()]).nullish(),
  /** `file` for a key that the configuration declares; it is changed there and nowhere else. */
  origin: z.string().nullish(),
});

/** The answer to a creation: the only time the secret is seen. */
export const createdKey = z.looseObject({ ...keyView.shape, key: z.string() });

export type KeyView = z.output<typeof keyView>;
export type CreatedKey = z.output<typeof createdKey>;

/** What `POST /admin/keys` takes. */
export interface KeyRequest {
  readonly name: string;
  /** The id of the key that this one is a sub-key of. */
  readonly parent?: string;
  /** The id of the project it belongs to; absent: the server's default one. */
  readonly project?: string;
  /** An instant in ISO 8601. */
  readonly expires_at?: string;
  readonly scopes?: readonly string[];
  readonly allow?: {
    readonly models?: readonly string[];
    readonly routes?: readonly string[];
    readonly addresses?: readonly string[];
  };
  readonly cap?: {
    readonly per: string;
    /** US dollars in digits. */
    readonly hard_usd?: string;
    readonly soft_usd?: string;
    readonly time_zone?: string;
  };
}

/** The keys of one data directory, through the server that runs on it or, when none does, through its store. */
export interface Keyring {
  create(request: KeyRequest): Promise<CreatedKey>;
  list(): Promise<readonly KeyView[]>;
  /** @throws `CliFailure` with exit code 7 for an id that does not exist */
  revoke(id: string): Promise<KeyView>;
  close(): Promise<void>;
}

/** Opens the store of a data directory that no server runs on. */
export type OpenStoreKeyring = (dataDir: string) => Promise<Keyring>;
