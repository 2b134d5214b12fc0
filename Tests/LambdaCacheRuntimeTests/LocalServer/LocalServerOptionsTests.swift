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
      let error = #expect(throws: LambdaRuntimeConfigurationError.self) {
        try LambdaRuntime(environment: [name: value])
      }
      #expect(error?.variable == name)
      #expect(error?.value == value)
    }
  }

  @Test("The local server's variables do not matter where there is a Runtime API")
  func onLambda() throws {
    let runtime = try LambdaRuntime(environment: [
      "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001", "LOCAL_LAMBDA_PORT": "none",
    ])
    #expect(runtime.source == .runtimeAPI(try #require(Endpoint("127.0.0.1:9001"))))
  }
}

@Suite("Base64")
struct Base64Tests {
  @Test(
    "Base64 is written as RFC 4648 has it",
    arguments: [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
      ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
  func vectors(text: String, encoded: String) {
    #expect(Base64.encode(Array(text.utf8)) == encoded)
  }

  @Test("Base64 has a digit for every six bits")
  func alphabet() {
    let bytes = (0..<48).map { index in
      // The 48 bytes that hold 0, 1, … 63 in six bits each.
      let bit = index * 8
      return (0..<8).reduce(UInt8(0)) { value, offset in
        let digit = (bit + offset) / 6
        let shift = 5 - (bit + offset) % 6
        return value << 1 | UInt8(digit >> shift & 1)
      }
    }
    #expect(
      Base64.encode(bytes) == "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  }
}
