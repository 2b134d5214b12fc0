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
  ],
  traits: [
    .trait(
      name: "FullFoundation",
      description: """
        Sizes of Measurement, which links all of Foundation on Linux instead of FoundationEssentials
        """)
  ],
  targets: [
    .target(name: "LambdaCache", swiftSettings: settings),
    .target(
      name: "LambdaCacheHandlers", dependencies: ["LambdaCache"], swiftSettings: settings),
    .target(name: "LambdaCacheHTTP", dependencies: ["LambdaCache"], swiftSettings: settings),
    .target(
      name: "LambdaCacheRuntime", dependencies: ["LambdaCache"], swiftSettings: settings),
    .target(
      name: "LambdaCacheFoundation", dependencies: ["LambdaCache"], swiftSettings: settings),

    // What the tests of sizes share.
    .target(name: "AllocationProbe", path: "Tests/AllocationProbe", swiftSettings: settings),
    // A trait that the suites with exit tests share.
    .target(name: "PromptTests", path: "Tests/PromptTests", swiftSettings: settings),
    .testTarget(
      name: "LambdaCacheTests", dependencies: ["AllocationProbe", "LambdaCache", "PromptTests"],
      swiftSettings: settings),
    .testTarget(
      name: "LambdaCacheHandlersTests", dependencies: ["LambdaCacheHandlers", "PromptTests"],
      swiftSettings: settings),
    .testTarget(
      name: "LambdaCacheHTTPTests",
      dependencies: ["AllocationProbe", "LambdaCacheHTTP", "PromptTests"],
      swiftSettings: settings),
    .testTarget(
      name: "LambdaCacheRuntimeTests", dependencies: ["LambdaCacheRuntime", "PromptTests"],
      swiftSettings: settings),
    .testTarget(
      name: "LambdaCacheFoundationTests",
      dependencies: ["AllocationProbe", "LambdaCacheFoundation", "PromptTests"],
      swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
