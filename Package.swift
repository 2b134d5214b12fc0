// swift-tools-version: 6.2
import PackageDescription

// The root package has no dependencies, and never gets one. Everything that needs a third-party
// package lives in the nested package `Benchmarks/`.

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
  name: "swift-lambda-cache",
  platforms: [.macOS(.v15), .iOS(.v18), .tvOS(.v18), .watchOS(.v11), .visionOS(.v2)],
  products: [
    .library(name: "LambdaCache", targets: ["LambdaCache"]),
    .library(name: "LambdaCacheHandlers", targets: ["LambdaCacheHandlers"]),
    .library(name: "LambdaCacheHTTP", targets: ["LambdaCacheHTTP"]),
    .library(name: "LambdaCacheRuntime", targets: ["LambdaCacheRuntime"]),
    .library(name: "LambdaCacheFoundation", targets: ["LambdaCacheFoundation"]),
    .library(name: "LambdaCacheValkey", targets: ["LambdaCacheValkey"]),
  ],
  traits: [
    .trait(
      name: "FullFoundation",
      description: """
        Sizes of Measurement and IndexSet, which links all of Foundation on Linux instead of \
        FoundationEssentials
        """)
  ],
  targets: [
    .target(name: "LambdaCache", swiftSettings: settings),
    // ASCII, Base64 and JSON for the other modules; it is not a product and has no public name.
    .target(name: "LambdaCacheText", swiftSettings: settings),
    // Sockets and threads for the runtime and the shared tier; it has no public name either.
    .target(
      name: "LambdaCacheTransport", dependencies: ["LambdaCacheText"], swiftSettings: settings),
    .target(
      name: "LambdaCacheHandlers", dependencies: ["LambdaCache", "LambdaCacheText"],
      swiftSettings: settings),
    .target(
      name: "LambdaCacheHTTP", dependencies: ["LambdaCache", "LambdaCacheText"],
      swiftSettings: settings),
    .target(
      name: "LambdaCacheRuntime",
      dependencies: ["LambdaCache", "LambdaCacheText", "LambdaCacheTransport"],
      swiftSettings: settings),
    .target(
      name: "LambdaCacheFoundation", dependencies: ["LambdaCache", "LambdaCacheHandlers"],
      swiftSettings: settings),
    .target(
      name: "LambdaCacheValkey",
      dependencies: [
        "LambdaCache", "LambdaCacheHandlers", "LambdaCacheText", "LambdaCacheTransport",
      ],
      swiftSettings: settings),

    // Shared by the test targets: seeded numbers, gates, waiting, lifetimes, allocations.
    .target(
      name: "TestSupport", dependencies: ["LambdaCache"], path: "Tests/Support",
      swiftSettings: settings),
    .testTarget(
      name: "LambdaCacheTests", dependencies: ["LambdaCache", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "LambdaCacheTextTests", dependencies: ["LambdaCacheText"], swiftSettings: settings),
    .testTarget(
      name: "LambdaCacheTransportTests",
      dependencies: ["LambdaCache", "LambdaCacheTransport", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "LambdaCacheHandlersTests",
      dependencies: ["LambdaCacheHandlers", "LambdaCacheText", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "LambdaCacheHTTPTests",
      dependencies: ["LambdaCacheHTTP", "LambdaCacheText", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "LambdaCacheRuntimeTests",
      dependencies: [
        "LambdaCacheRuntime", "LambdaCacheText", "LambdaCacheTransport", "TestSupport",
      ],
      swiftSettings: settings),
    .testTarget(
      name: "LambdaCacheFoundationTests",
      dependencies: ["LambdaCacheFoundation", "LambdaCacheHandlers", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "LambdaCacheValkeyTests",
      dependencies: [
        "LambdaCache", "LambdaCacheHandlers", "LambdaCacheTransport", "LambdaCacheValkey",
        "TestSupport",
      ],
      swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
