// swift-tools-version: 6.2
import PackageDescription

// Two functions that need nothing but this library, so that building them builds nothing else, and
// one in C that needs nothing at all.

let dependencies: [Target.Dependency] = [
  .product(name: "LambdaCache", package: "swift-lambda-cache"),
  .product(name: "LambdaCacheRuntime", package: "swift-lambda-cache"),
]

let package = Package(
  name: "small-functions",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "MinimalFunction", targets: ["MinimalFunction"]),
    .executable(name: "ProbeFunction", targets: ["ProbeFunction"]),
    .executable(name: "BareFunction", targets: ["BareFunction"]),
  ],
  dependencies: [.package(name: "swift-lambda-cache", path: "../../..")],
  targets: [
    .executableTarget(name: "MinimalFunction", dependencies: dependencies, path: "Minimal"),
    .executableTarget(name: "ProbeFunction", dependencies: dependencies, path: "Probe"),
    .executableTarget(name: "BareFunction", path: "Bare"),
  ],
  swiftLanguageModes: [.v6]
)
