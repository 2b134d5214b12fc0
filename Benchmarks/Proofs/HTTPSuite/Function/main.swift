import LambdaCache
import LambdaCacheFoundation
import LambdaCacheHTTP
import LambdaCacheRuntime

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

// A function whose handler asks an origin on the loopback interface, with a cache in front of it.
// `ORIGIN_PORT` is the origin's port; `SUITE_POLICY` is `default` for a policy as it is created.

let environment = ProcessInfo.processInfo.environment
guard let port = environment["ORIGIN_PORT"].flatMap(UInt16.init) else {
  fatalError("ORIGIN_PORT is \(environment["ORIGIN_PORT"] ?? "not set"); it is a port")
}
var policy = HTTPCachePolicy.shared
if environment["SUITE_POLICY"] != "default" {
  policy.targetedFields = ["cdn-cache-control"]
  policy.heuristicFraction = 0.1
  policy.cookies = .store
}
let origin = SuiteOrigin(port: port)
let responses = HTTPResponseCache(in: Cache(byteLimit: 64 << 20), policy: policy)
let handler = json(
  cachedHTTP(in: responses) { (event: HTTPAPIEvent, _: LambdaContext) in
    try HTTPAPIResponse(httpResponseParts: origin.respond(to: event))
  })
try await LambdaRuntime().run { try await handler($0, $1) }
