import manifest from '../../package.json' with { type: 'json' };

/** This package's version, as npm knows it. */
export const VERSION: string = manifest.version;
