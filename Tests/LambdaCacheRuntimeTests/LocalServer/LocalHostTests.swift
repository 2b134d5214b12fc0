import Testing

@testable import LambdaCacheRuntime

@Suite("The hosts of the local server", .timeLimit(.minutes(10)))
struct LocalHostTests {
  private static let strange = ["evil.example", "localhost.evil.example", "xlocalhost"]

  private static func hosts(_ environment: [String: String]) throws -> LocalHosts {
    try #require(try LocalServerOptions(environment: environment)).hosts
  }

  @Test(
    "The hosts of the local server are those that are always this machine",
    arguments: [
      "localhost", "LOCALHOST", "LocalHost.", "app.localhost", "a.b.LOCALHOST.", "127.0.0.1",
      "127.0.0.1.", "127.255.255.254", "127.1.2.3", "::1", "0:0:0:0:0:0:0:1", "::0001", "::1%lo",
      "::ffff:127.0.0.1", "::FFFF:7f00:1",
    ])
  func loopback(_ host: String) throws {
    for environment in [[:], ["LOCAL_LAMBDA_HOST": "localhost"], ["LOCAL_LAMBDA_HOST": "::1"]] {
      #expect(try Self.hosts(environment).allow(host))
    }
  }

  @Test(
    "The hosts of the local server are no others than this machine",
    arguments: strange + [
      "", ".", "localhost..", ".localhostx", "localhost.localdomain", "local host", "128.0.0.1",
      "126.255.255.255", "0.0.0.0", "10.0.0.1", "192.168.1.5", "127.1", "2130706433", "0x7f000001",
      "0177.0.0.1", "127.0.0.1.evil.example", "127.0.0.1.nip.io", "::", "::2", "fe80::1",
      "::ffff:10.0.0.1", "::127.0.0.1", "1::1", "lоcalhost", "localhost\u{0}",
    ])
  func others(_ host: String) throws {
    for environment in [[:], ["LOCAL_LAMBDA_HOST": "localhost"], ["LOCAL_LAMBDA_HOST": "::1"]] {
      #expect(try !Self.hosts(environment).allow(host))
    }
  }

  @Test("The hosts of the local server include its address, or are all if it listens on every one")
  func listened() throws {
    let one = try Self.hosts(["LOCAL_LAMBDA_HOST": "DevBox.lan"])
    #expect(["devbox.lan", "DEVBOX.LAN.", "localhost", "127.0.0.1"].allSatisfy(one.allow))
    #expect(!(Self.strange + ["lan", "x.devbox.lan"]).contains(where: one.allow))
    for every in ["0.0.0.0", "::", "0:0::0"] {
      let all = try Self.hosts(["LOCAL_LAMBDA_HOST": every])
      #expect((Self.strange + ["localhost"]).allSatisfy(all.allow))
      let named = try Self.hosts([
        "LOCAL_LAMBDA_HOST": every, "LOCAL_LAMBDA_ALLOWED_HOSTS": "lambda",
      ])
      #expect(["lambda", "localhost", every].allSatisfy(named.allow))
      #expect(!Self.strange.contains(where: named.allow))
    }
  }

  @Test("The hosts of the local server include those that are named, or all")
  func named() throws {
    let some = try Self.hosts(["LOCAL_LAMBDA_ALLOWED_HOSTS": "lambda, Tunnel.example.,10.0.0.1"])
    #expect(["LAMBDA", "tunnel.example", "10.0.0.1", "localhost"].allSatisfy(some.allow))
    #expect(!(Self.strange + ["10.0.0.2"]).contains(where: some.allow))
    let all = try Self.hosts(["LOCAL_LAMBDA_ALLOWED_HOSTS": "*"])
    #expect(Self.strange.allSatisfy(all.allow))
  }

  @Test(
    "The hosts of the local server include those of the pages that may ask",
    arguments: [
      ("http://localhost:3000", true), ("https://127.0.0.1", true), ("http://[::1]:8080", true),
      ("http://lambda", true), ("https://evil.example", false), ("null", false), ("", false),
      ("http://", false), ("localhost", false), ("http:/localhost", false),
      ("https://localhost.evil.example", false), ("http://localhost@evil.example", false),
    ])
  func origins(_ origin: String, _ isAllowed: Bool) throws {
    #expect(
      try Self.hosts(["LOCAL_LAMBDA_ALLOWED_HOSTS": "lambda"]).allowPages(of: origin) == isAllowed)
    #expect(try Self.hosts(["LOCAL_LAMBDA_ALLOWED_HOSTS": "*"]).allowPages(of: origin))
  }

  @Test(
    "The hosts of the local server are read from an authority with or without a port",
    arguments: [
      ("localhost", "localhost"), ("localhost:7000", "localhost"), ("localhost:", "localhost"),
      ("LOCALHOST.:1", "LOCALHOST."), ("[::1]", "::1"), ("[::1]:7000", "::1"), ("[::1]:", "::1"),
      ("127.0.0.1:65535", "127.0.0.1"), ("", nil), (":", nil), (":80", nil), ("a:0", nil),
      ("a:65536", nil), ("a:b", nil), ("user@localhost", nil), ("a b", nil), ("::1", nil),
      ("[::1", nil), ("[localhost]", nil), ("localhost,evil.example", nil), ("a/b", nil),
      ("localhost::", nil), ("hôst", nil),
    ] as [(String, String?)])
  func authorities(_ authority: String, _ host: String?) {
    #expect(LocalHosts.host(of: authority) == host)
  }

  @Test(
    "The hosts of the local server decide over each request, by its Host and by its target",
    arguments: [
      ("/invoke", "Host: localhost", "200 OK"), ("/invoke", "Host: localhost:9", "200 OK"),
      ("/invoke", "HOST: [::1]:7000", "200 OK"), ("/invoke", "Host:  LOCALHOST. ", "200 OK"),
      ("/invoke", "Host: evil.example", "421 Misdirected Request"),
      ("/other", "Host: evil.example", "421 Misdirected Request"),
      ("/invoke", "Host: localhost.evil.example:7000", "421 Misdirected Request"),
      ("/invoke", "Host: 0.0.0.0:7000", "421 Misdirected Request"),
      ("/invoke", "Host: evil.example\r\nX-Forwarded-Host: localhost", "421 Misdirected Request"),
      ("/invoke", "Host: localhost\r\nHost: evil.example", "400 Bad Request"),
      ("/invoke", "Host: localhost\r\nHost: localhost", "400 Bad Request"),
      ("/invoke", "Host:", "400 Bad Request"), ("/invoke", "Host: a b", "400 Bad Request"),
      ("/invoke", "Host: evil@localhost", "400 Bad Request"),
      ("/invoke", "X: y", "400 Bad Request"),
      ("http://localhost/invoke", "Host: localhost", "200 OK"),
      ("HTTP://127.0.0.1:7000/invoke", "Host: localhost", "200 OK"),
      ("http://evil.example/invoke", "Host: localhost", "421 Misdirected Request"),
      ("http://localhost/invoke", "Host: evil.example", "421 Misdirected Request"),
      ("http://localhost@evil.example/invoke", "Host: localhost", "400 Bad Request"),
      ("http:///invoke", "Host: localhost", "400 Bad Request"),
      ("/invoke?http://evil.example/", "Host: localhost", "200 OK"),
    ])
  func requests(_ target: String, _ field: String, _ status: String) async throws {
    let answer = try await LocalServing.echoing { server in
      try await LoopbackClient.converse(with: server.port) { client in
        client.send("POST \(target) HTTP/1.1\r\n\(field)\r\nContent-Length: 1\r\n\r\nx")
        return try client.receive()
      }
    }
    #expect(answer.line == "HTTP/1.1 \(status)")
    if status.hasPrefix("421") {
      #expect(answer.text.contains("LOCAL_LAMBDA_ALLOWED_HOSTS"))
    }
  }

  @Test("A request to a refused host keeps its connection, and the next request is served")
  func next() async throws {
    let lines = try await LocalServing.echoing { server in
      try await LoopbackClient.converse(with: server.port) { client in
        client.send("POST /invoke HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 1\r\n\r\nx")
        client.send(LoopbackClient.post("y"))
        return try [client.receive().line, client.receive().text]
      }
    }
    #expect(lines == ["HTTP/1.1 421 Misdirected Request", "y"])
  }

  @Test(
    "The hosts of the local server decide before a client is asked to send its body",
    arguments: [
      ("/invoke", "evil.example", "421 Misdirected Request"),
      ("/invoke", "a b", "400 Bad Request"), ("/other", "localhost", "404 Not Found"),
      ("/invoke", "localhost\r\nOrigin: http://evil.example", "403 Forbidden"),
      ("/invoke", "localhost", "100 Continue"),
    ])
  func beforeTheBody(_ target: String, _ host: String, _ status: String) async throws {
    let (line, isClosed) = try await LocalServing.echoing { server in
      try await LoopbackClient.converse(with: server.port) { client in
        client.send(
          "POST \(target) HTTP/1.1\r\nHost: \(host)\r\nExpect: 100-continue\r\n"
            + "Content-Length: 4\r\n\r\n")
        let line = try client.receive().line
        // A body that comes all the same must not be taken for a request.
        client.send(status.hasPrefix("100") ? "body" : LoopbackClient.post("body"))
        return (line, client.isClosedByPeer())
      }
    }
    #expect(line == "HTTP/1.1 \(status)")
    #expect(isClosed == !status.hasPrefix("100"))
  }

  @Test("The environment can allow all hosts of the local server")
  func toldOtherwise() async throws {
    let text = try await LocalServing.echoing(
      environment: ["LOCAL_LAMBDA_ALLOWED_HOSTS": "*"]
    ) { server in
      try await LoopbackClient.converse(with: server.port) { client in
        client.send("POST /invoke HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 1\r\n\r\nx")
        return try client.receive().text
      }
    }
    #expect(text == "x")
  }
}
