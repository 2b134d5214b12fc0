import LambdaCacheTransport
import Testing

@Suite("The address of a server")
struct EndpointTests {
  @Test("An address may have a name of 253 bytes, and not of one more")
  func longName() {
    let name = String(repeating: "a", count: 253)
    #expect(Endpoint(name, defaultPort: 80)?.host == name)
    #expect(Endpoint(name + "a", defaultPort: 80) == nil)
  }

  @Test("An address without a port has the default port, and none has port 0")
  func port() {
    #expect(Endpoint("cache.internal", defaultPort: 6379)?.port == 6379)
    #expect(Endpoint("[::1]", defaultPort: 6379)?.port == 6379)
    #expect(Endpoint("[::1]:80", defaultPort: 6379)?.port == 80)
    #expect(Endpoint("cache.internal:0", defaultPort: 6379) == nil)
  }
}
