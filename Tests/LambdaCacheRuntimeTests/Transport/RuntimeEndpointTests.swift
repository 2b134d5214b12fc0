import LambdaCacheTransport
import Testing

@testable import LambdaCacheRuntime

@Suite("AWS_LAMBDA_RUNTIME_API")
struct RuntimeEndpointTests {
  @Test(
    "AWS_LAMBDA_RUNTIME_API is read as a host and a port",
    arguments: [
      ("127.0.0.1:9001", "127.0.0.1", 9001), ("127.0.0.1", "127.0.0.1", 80),
      ("localhost:1", "localhost", 1),
      ("runtime-api.internal:65535", "runtime-api.internal", 65535),
      ("host_name", "host_name", 80), ("[::1]:9001", "::1", 9001), ("[::1]", "::1", 80),
      ("[fe80::1%eth0]:80", "fe80::1%eth0", 80), ("169.254.100.1:9001", "169.254.100.1", 9001),
      ("host:00080", "host", 80),
    ] as [(String, String, UInt16)])
  func accepted(value: String, host: String, port: UInt16) throws {
    let runtime = try LambdaRuntime(environment: ["AWS_LAMBDA_RUNTIME_API": value])
    guard case .runtimeAPI(let endpoint) = runtime.source else {
      Issue.record("\(runtime.source)")
      return
    }
    #expect(endpoint.host == host)
    #expect(endpoint.port == port)
    #expect(endpoint.authority == value)
  }

  @Test(
    "AWS_LAMBDA_RUNTIME_API is refused with its value and what is accepted",
    arguments: [
      "", " ", ":", ":9001", "host:", "host:0", "host:65536", "host:-1", "host:+1", "host:x",
      "host: 1", "host :1", "http://host", "host/path", "user@host", "::1", "::1:9001", "[::1",
      "[]", "[]:80", "[host]:80", "[::1]9001", "[::1]:", "[::1%]:80", "[1.2.3.4]", "a:1:2", "hôst",
      "host\n", "host:99999999999999999999",
    ])
  func refused(value: String) {
    #expect(
      throws: LambdaRuntimeError.invalidVariable(
        "AWS_LAMBDA_RUNTIME_API", value, accepted: Endpoint.acceptedForm(defaultPort: 80))
    ) {
      try LambdaRuntime(environment: ["AWS_LAMBDA_RUNTIME_API": value])
    }
  }

  @Test(
    "AWS_LAMBDA_RUNTIME_API is missed when it is not set and no local server is wanted",
    arguments: [
      ([:], false), (["LOCAL_LAMBDA_SERVER_ENABLED": "false"], true),
      (["LOCAL_LAMBDA_SERVER_ENABLED": "true"], false),
    ] as [([String: String], Bool)])
  func missing(environment: [String: String], servesLocally: Bool) {
    let error = #expect(throws: LambdaRuntimeError.self) {
      try LambdaRuntime(environment: environment, servesLocally: servesLocally)
    }
    #expect(
      error?.description == """
        AWS_LAMBDA_RUNTIME_API is not set; accepted: host, host:port or [IPv6 address]:port, with a \
        port of 1 to 65535 (80 when absent)
        """)
  }
}
