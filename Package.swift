// swift-tools-version: 6.2
import Glibc
import PackageDescription

/// Every target is built in Swift 6 mode (tools 6.2 implies it) with every warning an error. Each function of an optimised
/// build has a section of its own, so that the linker can lay them out: docs/adr/0031.
let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error), .unsafeFlags(["-Xfrontend", "-function-sections"], .when(configuration: .release)),
]

/// The version of the C library here, such as 2 and 36.
let glibc: [Int] = {
  var text = [UInt8](repeating: 0, count: 64)
  _ = text.withUnsafeMutableBytes {
    confstr(CInt(_CS_GNU_LIBC_VERSION), $0.bindMemory(to: CChar.self).baseAddress, $0.count)
  }
  return String(decoding: text.prefix { $0 != 0 }, as: UTF8.self).split { !$0.isNumber }.compactMap { Int($0) }
}()

/// Relative relocations as bitmaps: 9 KB where the usual table has 1 MB, all of it read at each start. A C library before
/// 2.36 refuses such a program.
let packed = glibc.lexicographicallyPrecedes([2, 36]) ? [] : ["-Xlinker", "-z", "-Xlinker", "pack-relative-relocs"]

/// What a run over quiet watches executes lies together, and the rest of the program need not be in memory: docs/adr/0031.
/// `make hot-functions` writes the list.
let laidOut: [LinkerSetting] = [
  .unsafeFlags(
    [
      "-use-ld=lld",
      // Nothing looks up a function of ours by name; each library asks this table first for each name it needs.
      "-Xlinker", "--no-export-dynamic",
      // A function that is listed and no longer there is no mistake.
      "-Xlinker", "--no-warn-symbol-ordering",
      "-Xlinker", "--symbol-ordering-file=\(Context.packageDirectory)/Sources/slothunter/Layout/hot-functions.txt",
      "-Xlinker", "-T", "-Xlinker", "\(Context.packageDirectory)/Sources/slothunter/Layout/unnamed.ld",
    ] + packed, .when(platforms: [.linux], configuration: .release))
]

func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = [], fixtures: [String] = []) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: [.byName(name: name), "TestSupport"] + dependencies, exclude: fixtures,
    swiftSettings: strict)
}

func cLibrary(_ name: String, pkgConfig: String, apt: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let package = Package(
  name: "slothunter",
  products: [
    .executable(name: "slothunter", targets: ["slothunter"]),
    // Not shipped: the kill loop of docs/torture.md.
    .executable(name: "torture", targets: ["Torture"]),
    // Nor this: docs/simulation.md.
    .executable(name: "simulate", targets: ["Simulation"]),
  ],
  targets: [
    // C libraries: each is imported by exactly one room.
    cLibrary("CLibYAML", pkgConfig: "yaml-0.1", apt: "libyaml-dev"),
    cLibrary("CLibXML2", pkgConfig: "libxml-2.0", apt: "libxml2-dev"),
    cLibrary("CLibSQLite3", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
    cLibrary("CLibCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
    cLibrary("CLibPCRE2", pkgConfig: "libpcre2-8", apt: "libpcre2-dev"),
    cLibrary("CLibCrypto", pkgConfig: "libcrypto", apt: "libssl-dev"),
    cLibrary("CLibZ", pkgConfig: "zlib", apt: "zlib1g-dev"),
    cLibrary("CLibBrotli", pkgConfig: "libbrotlidec", apt: "libbrotli-dev"),
    cLibrary("CLibMicroHTTPD", pkgConfig: "libmicrohttpd", apt: "libmicrohttpd-dev"),

    // The one C of ours: memory of libxml2's trees, docs/adr/0030.
    .target(name: "CXMLArena"),

    room("Diagnostics"),
    room("Patterns", ["CLibPCRE2"]),
    room("Language", ["Diagnostics", "Patterns"]),
    room("PluginHost", ["Language"]),
    room("Metrics"),

    // Siblings: none imports another.
    room("SiteSpecs", ["PluginHost", "Language", "Diagnostics", "CLibYAML"]),
    room("Fetchers", ["PluginHost", "Language", "CLibCurl", "CLibZ", "CLibBrotli"]),
    room("Extractors", ["PluginHost", "Language", "Patterns", "CLibXML2", "CXMLArena"]),
    room("Notifying", ["PluginHost", "Language", "CLibCrypto"]),
    room("Diffing", ["PluginHost", "Language"]),
    room("Scheduling", ["PluginHost", "Language"]),
    room("Matching", ["PluginHost", "Language"]),
    room("Storage", ["PluginHost", "Language", "CLibSQLite3"]),
    room("LoopbackServer", ["Language", "CLibMicroHTTPD"]),

    room(
      "Engine",
      [
        "SiteSpecs", "Fetchers", "Extractors", "Notifying", "Diffing", "Scheduling", "Matching", "Storage",
        "PluginHost", "Language", "Diagnostics", "Metrics",
      ]),
    room(
      "CLI",
      [
        "Engine", "Extractors", "Metrics", "SiteSpecs", "Storage", "Fetchers", "Notifying", "LoopbackServer",
        "PluginHost", "Language", "Diagnostics",
      ]),
    .executableTarget(
      name: "slothunter", dependencies: ["CLI"], exclude: ["Layout"], swiftSettings: strict, linkerSettings: laidOut),
    // Thirty virtual days of the real parts under seeded faults: docs/simulation.md.
    .executableTarget(
      name: "Simulation",
      dependencies: ["Engine", "SiteSpecs", "Storage", "Fetchers", "Notifying", "PluginHost", "Language"],
      swiftSettings: strict),
    .executableTarget(
      name: "bench-match", dependencies: ["Matching", "PluginHost", "Language"], path: "bench/match",
      swiftSettings: strict),
    // `make bench-micro`.
    .executableTarget(
      name: "bench-parts", dependencies: ["Diffing", "Notifying", "Scheduling", "PluginHost", "Language"],
      path: "bench/parts", swiftSettings: strict),
    .executableTarget(
      name: "Torture", dependencies: ["LoopbackServer", "Storage", "PluginHost", "Language"], swiftSettings: strict),

    .target(
      name: "TestSupport", dependencies: ["PluginHost", "Language", "LoopbackServer", "Patterns"],
      path: "Tests/TestSupport",
      swiftSettings: strict),
    // `make bench-faults`.
    .executableTarget(
      name: "bench-faults", dependencies: ["TestSupport", "LoopbackServer", "Fetchers", "PluginHost", "Language"],
      path: "bench/faults", swiftSettings: strict),
    // `make bench-hostile`.
    .executableTarget(
      name: "bench-hostile",
      dependencies: [
        "TestSupport", "Engine", "SiteSpecs", "Storage", "LoopbackServer", "Fetchers", "PluginHost", "Language",
      ], path: "bench/hostile", swiftSettings: strict),
    // `make stream-diff`, `make fuzz-stream`, `make bench-stream`.
    .executableTarget(
      name: "stream-lab", dependencies: ["TestSupport", "Extractors", "PluginHost", "Language"], path: "bench/stream",
      swiftSettings: strict),
    tests("Diagnostics"),
    tests("Language", ["Patterns"]),
    tests("PluginHost"),
    tests("Metrics", ["LoopbackServer"]),
    tests("SiteSpecs", ["Extractors", "Patterns"], fixtures: ["BadSpecs"]),
    tests("Fetchers"),
    tests("Extractors"),
    tests("Notifying"),
    tests("Diffing"),
    tests("Scheduling"),
    tests("Matching"),
    tests("Storage", ["CLibSQLite3"]),
    tests("Engine", ["SiteSpecs", "Storage", "Fetchers"]),
    tests("CLI", ["Storage", "Notifying", "CLibSQLite3"]),
    tests("Torture", ["PluginHost"]),
    tests("Simulation", ["PluginHost", "Language"]),
  ]
)
