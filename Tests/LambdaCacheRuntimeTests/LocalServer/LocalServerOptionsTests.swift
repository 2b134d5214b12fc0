import LambdaCacheTransport
import Testing

@testable import LambdaCacheRuntime

@Suite("The local server's variables")
struct LocalServerOptionsTests {
  @Test("The local server's variables may all be absent")
  func defaults() throws {
    let options = try #require(try LocalServerOptions(environment: [:]))
    #expect(options.host == "127.0.0.1")
    #expect(options.port == 7000)
    #expect(options.path == "/invoke")
    #expect(try LambdaRuntime(environment: [:]).source == .localServer(options))
  }

  @Test(
    "The local server's variables choose host, port and path",
    arguments: [
      ("0.0.0.0", "8080", "/2015-03-31/functions/function/invocations"), ("localhost", "0", "/"),
      ("::1", "65535", "/invoke"),
    ])
  func chosen(host: String, port: String, path: String) throws {
    let options = try #require(
      try LocalServerOptions(environment: [
        "LOCAL_LAMBDA_HOST": host, "LOCAL_LAMBDA_PORT": port,
        "LOCAL_LAMBDA_INVOCATION_ENDPOINT": path, "LOCAL_LAMBDA_SERVER_ENABLED": "True",
      ]))
    #expect(options.host == host)
    #expect("\(options.port)" == port)
    #expect(options.path == path)
  }

  @Test(
    "The local server's variables are refused by name and value",
    arguments: [
      ("LOCAL_LAMBDA_PORT", ["", "-1", "65536", "http", "7000 "]),
      ("LOCAL_LAMBDA_HOST", ["", "a b", "127.0.0.1:7000", "[::1]"]),
      ("LOCAL_LAMBDA_INVOCATION_ENDPOINT", ["", "invoke", "/in voke", "/?x"]),
      ("LOCAL_LAMBDA_SERVER_ENABLED", ["", "yes", "2"]),
      (
        "LOCAL_LAMBDA_ALLOWED_HOSTS",
        ["", ",", "a,", "a b", "http://a", "a/b", "a:80", "*,a", "*.a", "[::1]"]
      ),
    ])
  func refused(name: String, values: [String]) {
    for value in values {
      let error = #expect(throws: LambdaRuntimeError.self) {
        try LambdaRuntime(environment: [name: value])
      }
      guard case .invalidValue(name, value, _) = error?.reason else {
        Issue.record("\(name)=\(value): \(String(describing: error))")
        continue
      }
    }
  }

  @Test("The local server's variables do not matter where there is a Runtime API")
  func onLambda() throws {
    let runtime = try LambdaRuntime(environment: [
      "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001", "LOCAL_LAMBDA_PORT": "none",
    ])
    #expect(
      runtime.source == .runtimeAPI(try #require(Endpoint("127.0.0.1:9001", defaultPort: 80))))
  }
}
