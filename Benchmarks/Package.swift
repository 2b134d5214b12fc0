// swift-tools-version: 6.2
import PackageDescription

// Programs that exercise the library on real input. They have dependencies of their own, which is
// why they are a package of their own: the root manifest has none.

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
  name: "swift-lambda-cache-benchmarks",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "UserLookup", targets: ["UserLookup"]),
    .executable(name: "SpeedTable", targets: ["SpeedTable"]),
    .executable(name: "RegressionGate", targets: ["RegressionGate"]),
    .executable(name: "SizeTable", targets: ["SizeTable"]),
    .executable(name: "HitRatios", targets: ["HitRatios"]),
    .executable(name: "Exhaustion", targets: ["Exhaustion"]),
    .executable(name: "MemoryPhases", targets: ["MemoryPhases"]),
    .executable(name: "HTTPSuiteFunction", targets: ["HTTPSuiteFunction"]),
    .executable(name: "SharedTier", targets: ["SharedTier"]),
    .executable(name: "Planner", targets: ["Planner"]),
  ],
  traits: [
    .trait(name: "TLS", description: "SharedTier can connect with TLS, by swift-nio-ssl")
  ],
  dependencies: [
    // The size table has measurements, too.
    .package(name: "swift-lambda-cache", path: "..", traits: ["FullFoundation"]),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    // Without its traits it needs no allocator of its own.
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    // Only with the trait TLS.
    .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.30.0"),
  ],
  targets: [
    .executableTarget(
      name: "UserLookup",
      dependencies: [
        "ReportPage",
        "Workload",
        .product(name: "LambdaCache", package: "swift-lambda-cache"),
        .product(name: "LambdaCacheHandlers", package: "swift-lambda-cache"),
        .product(name: "LambdaCacheRuntime", package: "swift-lambda-cache"),
        .product(name: "LambdaCacheValkey", package: "swift-lambda-cache"),
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Demo/UserLookup/Program",
      swiftSettings: settings),
    .testTarget(
      name: "UserLookupTests",
      dependencies: [
        "UserLookup",
        "Workload",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Demo/UserLookup/Tests",
      swiftSettings: settings),

    .executableTarget(
      name: "SpeedTable",
      dependencies: [
        "AllocationCounter",
        "Workload",
        .product(name: "LambdaCache", package: "swift-lambda-cache"),
        .product(name: "LambdaCacheHandlers", package: "swift-lambda-cache"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Measurements/SpeedTable/Program",
      swiftSettings: settings),
    .executableTarget(
      name: "RegressionGate",
      dependencies: [
        "AllocationCounter",
        "Workload",
        .product(name: "LambdaCache", package: "swift-lambda-cache"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Measurements/RegressionGate/Program",
      swiftSettings: settings),
    .executableTarget(
      name: "Microbenchmarks",
      dependencies: [
        "Workload",
        .product(name: "LambdaCache", package: "swift-lambda-cache"),
        .product(name: "Benchmark", package: "benchmark"),
      ],
      // The plugin takes only what is directly in a folder of this name.
      path: "Measurements/Microbenchmarks/Benchmarks/Operations",
      swiftSettings: settings,
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
    .executableTarget(
      name: "SizeTable",
      dependencies: [
        "AllocationLedger",
        "Workload",
        .product(name: "LambdaCache", package: "swift-lambda-cache"),
        .product(name: "LambdaCacheFoundation", package: "swift-lambda-cache"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Measurements/SizeTable/Program",
      swiftSettings: settings),
    .executableTarget(
      name: "HitRatios",
      dependencies: [
        .product(name: "LambdaCache", package: "swift-lambda-cache"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Measurements/HitRatios/Program",
      swiftSettings: settings),
    .target(name: "AllocationLedger", path: "Measurements/SizeTable/AllocationLedger"),
    .executableTarget(
      name: "Exhaustion",
      dependencies: [
        "Workload",
        .product(name: "LambdaCache", package: "swift-lambda-cache"),
        .product(name: "LambdaCacheRuntime", package: "swift-lambda-cache"),
      ],
      path: "Proofs/Exhaustion/Program",
      swiftSettings: settings),
    .executableTarget(
      name: "MemoryPhases",
      dependencies: [
        "Workload",
        .product(name: "LambdaCache", package: "swift-lambda-cache"),
      ],
      path: "Proofs/MemoryPhases/Program",
      swiftSettings: settings),
    .executableTarget(
      name: "HTTPSuiteFunction",
      dependencies: [
        .product(name: "LambdaCache", package: "swift-lambda-cache"),
        .product(name: "LambdaCacheFoundation", package: "swift-lambda-cache"),
        .product(name: "LambdaCacheHTTP", package: "swift-lambda-cache"),
        .product(name: "LambdaCacheRuntime", package: "swift-lambda-cache"),
      ],
      path: "Proofs/HTTPSuite/Function",
      swiftSettings: settings),
    .executableTarget(
      name: "SharedTier",
      dependencies: [
        .product(name: "LambdaCache", package: "swift-lambda-cache"),
        .product(name: "LambdaCacheHandlers", package: "swift-lambda-cache"),
        .product(name: "LambdaCacheValkey", package: "swift-lambda-cache"),
        "MemcachedTier",
        .product(name: "NIOCore", package: "swift-nio", condition: .when(traits: ["TLS"])),
        .product(name: "NIOTLS", package: "swift-nio", condition: .when(traits: ["TLS"])),
        .product(name: "NIOPosix", package: "swift-nio", condition: .when(traits: ["TLS"])),
        .product(name: "NIOSSL", package: "swift-nio-ssl", condition: .when(traits: ["TLS"])),
      ],
      path: "Proofs/SharedTier/Program",
      swiftSettings: settings),
    .executableTarget(
      name: "Planner",
      dependencies: [
        "PlannerCore",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Planner/Program",
      swiftSettings: settings),
    .target(
      name: "PlannerCore",
      dependencies: [
        "ReportPage",
        "Workload",
        "ZLib",
        .product(name: "LambdaCache", package: "swift-lambda-cache"),
      ],
      path: "Planner/Core",
      swiftSettings: settings),
    .systemLibrary(name: "ZLib", path: "Planner/ZLib", providers: [.apt(["zlib1g-dev"])]),
    .testTarget(
      name: "PlannerTests",
      dependencies: [
        "PlannerCore",
        "Workload",
        "ZLib",
        .product(name: "LambdaCache", package: "swift-lambda-cache"),
      ],
      path: "Planner/Tests",
      swiftSettings: settings),

    // Shared by several programs: seeded numbers and keys; pages with charts.
    .target(name: "Workload", path: "Support/Workload", swiftSettings: settings),
    .target(
      name: "ReportPage", dependencies: ["Workload"], path: "Support/ReportPage",
      swiftSettings: settings),
    .target(name: "AllocationCounter", path: "Support/AllocationCounter"),
    // Another engine for the shared tier than Valkey.
    .target(
      name: "MemcachedTier",
      dependencies: [.product(name: "LambdaCacheHandlers", package: "swift-lambda-cache")],
      path: "Support/MemcachedTier", swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
