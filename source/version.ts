/** Set by the bundler; sources that run as they are say `0.0.0-source`. */
declare const __VERSION__: string;

export const version = __VERSION__ === undefined ? '0.0.0-source' : __VERSION__;
