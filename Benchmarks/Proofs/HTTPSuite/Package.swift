// swift-tools-version: 6.2
import PackageDescription

// The function that the public suite of HTTP caches is run against. It needs nothing but this
// library, so that building it builds nothing else.

let package = Package(
  name: "http-suite",
  platforms: [.macOS(.v15)],
  products: [.executable(name: "HTTPSuiteFunction", targets: ["HTTPSuiteFunction"])],
  dependencies: [.package(name: "swift-lambda-cache", path: "../../..")],
  targets: [
    .executableTarget(
      name: "HTTPSuiteFunction",
      dependencies: [
        .product(name: "LambdaCache", package: "swift-lambda-cache"),
        .product(name: "LambdaCacheFoundation", package: "swift-lambda-cache"),
        .product(name: "LambdaCacheHTTP", package: "swift-lambda-cache"),
        .product(name: "LambdaCacheRuntime", package: "swift-lambda-cache"),
      ],
      path: "Function")
  ],
  swiftLanguageModes: [.v6]
)
