import Testing

@testable import LambdaCacheValkey

@Suite("The address and the errors of a server")
struct ServerAddressTests {
  @Test("The address of a server has port 6379 unless it names another")
  func port() throws {
    #expect(try Endpoint("cache.internal").port == 6379)
    #expect(try Endpoint("cache.internal:7000").port == 7000)
    #expect(try Endpoint("[::1]:7000").host == "::1")
    #expect("\(try Endpoint("[::1]:7000"))" == "[::1]:7000")
  }

  @Test("An address that is none is refused with what is accepted")
  func refused() {
    let error = #expect(throws: ValkeyError.self) { try Endpoint("redis://cache") }
    #expect(
      error?.description == """
        'redis://cache' is no address; accepted: host, host:port or [IPv6 address]:port, with a \
        port of 1 to 65535 (6379 when absent)
        """)
  }

  @Test(
    "A server's error is told apart by its first word",
    arguments: [
      ("MOVED 1 10.0.0.1:6379", .clusterRedirection("MOVED 1 10.0.0.1:6379")),
      ("ASK 1 10.0.0.1:6379", .clusterRedirection("ASK 1 10.0.0.1:6379")),
      ("CROSSSLOT Keys in request", .clusterRedirection("CROSSSLOT Keys in request")),
      ("CLUSTERDOWN x", .clusterRedirection("CLUSTERDOWN x")),
      ("NOAUTH HELLO must", .notAuthenticated("NOAUTH HELLO must")),
      ("WRONGPASS invalid", .notAuthenticated("WRONGPASS invalid")),
      ("OOM command not allowed", .refused("OOM command not allowed")), ("", .refused("")),
      ("MOVEDX", .refused("MOVEDX")),
    ] as [(String, ValkeyError)])
  func replies(text: String, error: ValkeyError) {
    #expect(ValkeyError(reply: Array(text.utf8)) == error)
  }
}
