/** Set by the bundler; sources that run as they are say `0.0.0-source`. */
declare const __VERSION__: string;

// eslint-disable-next-line unicorn/no-typeof-undefined -- the name itself may be missing
export const version = typeof __VERSION__ === 'undefined' ? '0.0.0-source' : __VERSION__;
